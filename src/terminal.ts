/** Where a command reads and writes; what it answers is the exit code. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Resolves when there is room for more. */
  readonly out: (text: string) => Promise<void>
  readonly err: (text: string) => void
  /** Where a person sits: asks, and answers what was typed. */
  readonly ask?: (question: string) => Promise<string>
  /** Aborts when the person has had enough: what is done is told, and how to go on. */
  readonly interrupted?: AbortSignal
}

/** The arguments are wrong; sysexits.h EX_USAGE. */
export const wrongUsage = 64
