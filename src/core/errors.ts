/** Every way in which Culvert fails on purpose: the code is for programs, the advice for people. */
export const errorCodes = {
  CONFIG_INVALID: 'Correct the named setting; `docs/configuration.md` lists what is allowed.',
  PORT_TAKEN: 'Another process listens on this port: stop it, or choose another port.',
  DATA_DIR_UNUSABLE: 'Make the data directory writable, or set CULVERT_DATA_DIR to one that is.',
  DATA_DIR_IN_USE: 'Another Culvert process uses this data directory: stop it, or set CULVERT_DATA_DIR to another one.',
  JOURNAL_VERSION: 'The journal was written by another version: start that version, or move the directory away.',
  JOURNAL_FULL: 'The journal is full because a lane lags: look at /health/ready, or raise the journal’s maxBytes.',
  JOURNAL_FAILING: 'The disk refused a write: look at the cause and at the disk.',
  JOURNAL_TIMEOUT: 'The disk did not confirm a write within 15 s: look at its load.',
  JOURNAL_STOPPED: 'Culvert is stopping; the sender will try again.',
  CURSOR_DAMAGED: 'A lane’s cursor could not be read and it begins at the oldest record: look at the disk.',
  LOSSES_DAMAGED:
    'The book of what the platform lost could not be read and was begun anew; the lanes’ ledgers are not touched: look at the disk.',
  NOTE_TOO_LARGE: 'Stateful processors remember more than a commit may carry: lower their limits.',
  RECORD_DAMAGED: 'A record’s checksum does not fit its bytes: look at the disk.',
  SINK_UNAVAILABLE: 'The service did not take the write and it will be retried: look at the service.',
  SINK_UNAUTHORIZED: 'The service refused our credentials: correct them; nothing is lost meanwhile.',
  SINK_REFUSED_BATCH: 'The service refused a whole call; it is halved until the events at fault stand alone.',
  DEAD_LETTERS_FULL:
    'Look at why the service refuses these events, then move their files away; the lane waits meanwhile.',
  DEAD_LETTERS_FAILING: 'The disk did not take a dead letter, so the lane waits: look at the cause and at the disk.',
  QUERY_DEADLINE: 'The search took too long: narrow the time range or the words.',
  QUERY_INVALID: 'Correct the named parameter.',
  SEARCH_ELSEWHERE: 'Search where the logs are stored, or set CULVERT_LOCAL_STORE=on to keep them here too.',
  UNAUTHORIZED: 'Send the credentials that Culvert was started with: CULVERT_TOKEN, or those of the drain.',
  HOST_REFUSED: 'Open it as http://localhost, or set CULVERT_TOKEN to use it under another name.',
  NOT_FOUND: 'Look at /docs for what there is.',
  BODY_TOO_LARGE: 'Send less in one request, or raise CULVERT_MAX_BODY_BYTES.',
  NOT_STORED: 'Send it again: the journal did not confirm it. /health/ready says why.',
  NOT_DELIVERED: 'Send it again: not every lane has delivered it yet. /health/ready says why.',
  TAIL_FULL: 'Close another live tail first.',
  REQUEST_INVALID: 'Send valid HTTP.',
  INTERNAL: 'Look at Culvert’s own log: this is a mistake of ours.'
} as const

export type ErrorCode = keyof typeof errorCodes

/** An error with a code and a verdict: `retryable` tells the lane that the same call may succeed later. */
export class CulvertError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  /** The service asked for at least this pause, in ms. */
  readonly retryAfterMs: number | undefined
  /** The service said that it took nothing of the call: it may be sent again as it is. */
  readonly untouched: boolean

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean; retryAfterMs?: number | undefined; untouched?: boolean } = {}
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CulvertError'
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
    this.untouched = options.untouched ?? false
  }

  get advice(): string {
    return errorCodes[this.code]
  }
}

/** The sentence of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
