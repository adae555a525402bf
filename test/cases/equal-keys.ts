/** Whether any object of a text has two equal keys, by a reader that keeps them. */
export function hasEqualKeys(text: string): boolean {
  let equal = false
  const seen = new WeakMap<object, Set<string>>()
  // A JSON text's keys in order of appearance: JSON.parse would keep only the last of two.
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)|[{}[\]]/g)
  const stack: object[] = []
  for (const [token, colon] of tokens) {
    if (token === '{' || token === '[') stack.push({})
    else if (token === '}' || token === ']') stack.pop()
    else if (colon === ':') {
      const object = stack.at(-1)!
      const key = String(JSON.parse(token.replace(/\s*:$/, '')))
      const keys = seen.get(object) ?? new Set()
      if (keys.has(key)) equal = true
      seen.set(object, keys.add(key))
    }
  }
  return equal
}

