import type { TokenStore } from './api.ts'

const key = 'culvert-token'

/** Keeps the token in the tab's session; in memory only where the browser forbids that. */
export function createTokenStore(storage: Pick<Storage, 'getItem' | 'setItem'>): TokenStore {
  let token = ''
  try {
    token = storage.getItem(key) ?? ''
  } catch {}
  return {
    get: () => token,
    set(secret) {
      token = secret
      try {
        storage.setItem(key, secret)
      } catch {}
    }
  }
}
