import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Whether an Authorization header carries the drain's user and password. The agent sends what stands in the drain URL still
 * percent-encoded, so both readings are right. Compared in constant time.
 */
export function createCredentials(user: string | undefined, password: string | undefined) {
  if (user === undefined || password === undefined) return () => true
  const wanted = digest(`${user}:${password}`)
  return (authorization: string | undefined): boolean => {
    const [scheme = '', encoded = ''] = (authorization ?? '').split(' ')
    if (scheme.toLowerCase() !== 'basic') return false
    const given = Buffer.from(encoded, 'base64').toString('utf8')
    const asSent = timingSafeEqual(digest(given), wanted)
    return timingSafeEqual(digest(decoded(given)), wanted) || asSent
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
