import { type JournalOptions, journalOptions } from '../journal/disk-options.ts'
import { type Component, component, type Fillable } from './component.ts'

export const journalSchemas = { disk: journalOptions }
export type JournalComponent = Component<'disk'>

/** The journal on disk. What is not said comes from CULVERT_DATA_DIR and its like. */
export const disk = (options: Fillable<JournalOptions> = {}): JournalComponent => component('disk', options)
