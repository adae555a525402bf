import { aws, gcp, github, slack } from './api-keys.ts'
import { authorization } from './authorization.ts'
import { cardNumber } from './card-number.ts'
import type { Detector } from './detector.ts'
import { email } from './email.ts'
import { jwt } from './jwt.ts'
import { privateKey } from './private-key.ts'
import { urlCredentials } from './url-credentials.ts'

/** The detectors that come with the processor, in the order in which they look at a text. */
export const allDetectors: readonly Detector[] = [
  urlCredentials,
  authorization,
  jwt,
  aws,
  gcp,
  github,
  slack,
  privateKey,
  cardNumber,
  email
]

export const detectorNames = allDetectors.map(({ name }) => name)
