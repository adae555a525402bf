const secrets = ['token', 'password', 'key', 'apiKey']

/** The effective configuration as plain values to print: secrets are `***`, certificates and functions are named and not shown. */
export const effectiveConfig = (config: object): unknown => hidden(config)

function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (typeof inner === 'function') return []
      if (secrets.includes(key)) return [[key, '***']]
      if (typeof inner === 'string' && inner.includes('-----BEGIN')) return [[key, '(PEM)']]
      return [[key, hidden(inner)]]
    })
  )
}
