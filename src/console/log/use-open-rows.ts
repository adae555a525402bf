import { useCallback, useMemo, useState } from 'preact/hooks'
import type { LogRow } from '../../core/plain.ts'
import type { OpenRow } from './window.ts'

/** More than this are not open at once: the one opened first closes. */
const maxOpen = 20

export interface OpenRows {
  readonly open: ReadonlyMap<string, number>
  /** The open ones among the rows, by index. */
  readonly extras: readonly OpenRow[]
  toggle(id: string): void
  measure(id: string, height: number): void
  closeAll(): void
}

/** Which rows are open, by id, and how high their details are. */
export function useOpenRows(rows: readonly LogRow[]): OpenRows {
  const [open, setOpen] = useState<ReadonlyMap<string, number>>(new Map())

  const toggle = useCallback(
    (id: string) =>
      setOpen(before => {
        const next = new Map(before)
        if (!next.delete(id)) next.set(id, 0)
        for (const oldest of next.keys()) if (next.size > maxOpen) next.delete(oldest)
        return next
      }),
    []
  )
  const measure = useCallback(
    (id: string, height: number) =>
      setOpen(before => {
        const known = before.get(id)
        return known === undefined || known === height ? before : new Map(before).set(id, height)
      }),
    []
  )
  const closeAll = useCallback(() => setOpen(new Map()), [])
  const extras = useMemo(
    () =>
      open.size === 0
        ? []
        : rows.flatMap((row, index) => {
            const extra = open.get(row.id)
            return extra === undefined ? [] : [{ index, extra }]
          }),
    [open, rows]
  )
  return { open, extras, toggle, measure, closeAll }
}
