export interface Login {
  readonly username: string
  readonly password: string
}

/** A URL without its user and password, which people may see, and those two. */
export function loginApart(text: string): { readonly url: string; readonly login?: Login } {
  const url = new URL(text)
  const { username, password } = url
  url.username = ''
  url.password = ''
  return {
    url: url.href,
    ...(username === '' ? {} : { login: { username: decoded(username), password: decoded(password) } })
  }
}

/** A password with a bare `%` is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
