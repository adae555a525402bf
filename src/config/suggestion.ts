/** The known name that `name` was probably meant to be: at most a third of its characters differ. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  const nearest = known
    .map(candidate => ({ candidate, distance: distance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return nearest !== undefined && nearest.distance <= name.length / 3 ? nearest.candidate : undefined
}

/** Levenshtein: insertions, deletions and substitutions from one to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const substitution = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
