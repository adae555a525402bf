import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CulvertError, messageOf } from '../core/errors.ts'
import { lossKinds } from '../core/losses.ts'
import { createDurably, makeDirectory } from '../journal/durable.ts'

const version = 1
const count = z.number().nonnegative()

const entry = z.object({
  kind: z.enum(lossKinds),
  rest: z.boolean(),
  appId: z.string(),
  app: z.string(),
  space: z.string(),
  org: z.string(),
  drain: z.string().exactOptional(),
  counter: z.string().exactOptional(),
  limit: z.string().exactOptional(),
  lost: count,
  reports: count,
  first: count,
  last: count
})

const lossFile = z.object({
  version: z.literal(version),
  since: count,
  through: count,
  forgotten: count,
  recent: z.array(z.string()),
  entries: z.array(entry)
})

/** What a partition's book is after it has counted everything before `through`. */
export type LossState = Omit<z.output<typeof lossFile>, 'version'>

export const lossDirectory = (dir: string): string => join(dir, 'losses')
const nameOf = (partition: number): string => `${partition}.json`

/** Undefined where there is none. A book that cannot be read is copied for people, told by `onDamage`, and begun anew. */
export function readLosses(
  dir: string,
  partition: number,
  onDamage: (error: CulvertError) => void
): LossState | undefined {
  const path = join(lossDirectory(dir), nameOf(partition))
  try {
    const { version: _, ...state } = lossFile.parse(JSON.parse(readFileSync(path, 'utf8')))
    return state
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    const sentence = `The book of losses ${path} cannot be read and is begun anew: ${messageOf(cause)}.`
    onDamage(new CulvertError('LOSSES_DAMAGED', sentence, { cause }))
    try {
      copyFileSync(path, `${path}.damaged`)
    } catch {
      // Whatever happens to a copy holds up nothing.
    }
    return undefined
  }
}

/** Whole or not at all, and synced when it resolves. */
export async function writeLosses(dir: string, partition: number, state: LossState): Promise<void> {
  const directory = lossDirectory(dir)
  await makeDirectory(directory)
  const content = Buffer.from(`${JSON.stringify({ version, ...state })}\n`)
  const handle = await createDurably(directory, nameOf(partition), content)
  await handle.close()
}
