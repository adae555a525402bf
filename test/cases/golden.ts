import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

export interface GoldenCase {
  readonly name: string
  readonly input: Buffer
  /** The parsed expected.json: see `golden`. */
  expected(actual: unknown): unknown
}

/** The cases of test/cases/<format>/<what>/: `input` and `expected.json`. A new bug is a new folder. */
export function goldenCases(format: string): GoldenCase[] {
  const folder = new URL(`./${format}/`, import.meta.url)
  return readdirSync(folder).map(name => {
    const file = new URL(`${name}/expected.json`, folder)
    return {
      name,
      input: readFileSync(new URL(`${name}/input`, folder)),
      expected: actual => golden(file, actual)
    }
  })
}

/** What a golden file holds; with CULVERT_TEST_UPDATE=1 a missing one is written from `actual`, to be read and committed. */
export function golden(file: URL, actual: unknown): unknown {
  if (process.env.CULVERT_TEST_UPDATE === '1' && !existsSync(file)) {
    writeFileSync(file, `${JSON.stringify(actual, null, 2)}\n`)
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** What JSON keeps of a value: BigInts as their digits, numbers that JSON has not as their names. */
export const asJson = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'bigint' || (typeof inner === 'number' && !Number.isFinite(inner)) ? String(inner) : inner
    )
  )
