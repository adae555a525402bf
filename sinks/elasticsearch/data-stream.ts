/** Of each part, in bytes (Elastic's naming scheme for data streams). */
const maxPartLength = 100

/**
 * `logs-cloudfoundry.DATASET-NAMESPACE`, by the rules for names of data streams: lower case, of the characters that all parts of Elastic's
 * stack take, at most 100 bytes a part. Others become `_`; a dataset has no `-`, which ends it.
 */
export const dataStreamName = (dataset: string, namespace: string): string =>
  `logs-${part(`cloudfoundry.${part(dataset, /[^a-z0-9_.]/g, 'app')}`, /[^a-z0-9_.]/g, '')}-${part(namespace, /[^a-z0-9_.-]/g, 'default')}`

const part = (name: string, forbidden: RegExp, without: string): string =>
  name.toLowerCase().replace(forbidden, '_').slice(0, maxPartLength) || without
