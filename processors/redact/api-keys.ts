import { type Detector, needle } from './detector.ts'

/** A detector of what is told by its beginning alone; nothing that belongs to a token may stand around it. */
function prefixed(name: string, about: string, needles: Detector['needles'], token: RegExp): Detector {
  return { name, about, needles, redact: (text, mask) => text.replace(token, () => mask) }
}

const underscore = 0x5f

/** IAM user guide, unique identifiers: AKIA long-lived, ASIA temporary; base32. */
export const aws = prefixed(
  'aws',
  'Access key ids of AWS (`AKIA…`, `ASIA…`). The secret keys have no form of their own: see `fields`.',
  ['KIA', 'SIA'].map(needle),
  /(?<![A-Za-z0-9])A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])/g
)

/** API keys, OAuth client secrets and access tokens. A service account's key is a private key. */
export const gcp = prefixed(
  'gcp',
  'Keys of Google Cloud: API keys (`AIza…`), client secrets (`GOCSPX-…`) and access tokens (`ya29.…`).',
  ['Iza', 'OCSPX-', 'ya29.'].map(needle),
  /(?<![A-Za-z0-9_-])(?:AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])|GOCSPX-[A-Za-z0-9_-]{28}(?![A-Za-z0-9_-])|ya29\.[A-Za-z0-9_-]{20,})/g
)

/** GitHub docs, "About authentication to GitHub": token prefixes. */
export const github = prefixed(
  'github',
  'Tokens of GitHub (`ghp_…`, `gho_…`, `ghu_…`, `ghs_…`, `ghr_…`, `github_pat_…`).',
  [{ text: 'gh', mayBe: (bytes, _, at) => bytes[at + 3] === underscore }, needle('b_pat_')],
  /(?<![A-Za-z0-9_])(?:gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})(?![A-Za-z0-9_])/g
)

/** Slack API docs, "Token types". */
export const slack = prefixed(
  'slack',
  'Tokens of Slack (`xoxb-…`, `xoxp-…` and the like, `xapp-…`).',
  ['xox', 'xapp-'].map(needle),
  /(?<![A-Za-z0-9_])(?:xox[a-z](?:\.xox[a-z])?|xapp)-(?=[A-Za-z-]{0,12}\d)[A-Za-z0-9-]{10,}/g
)
