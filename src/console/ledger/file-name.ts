import type { LedgerReport } from '../../core/ledger-report.ts'

/** `culvert-ledger-2026-11-24T04-29-03Z.json` */
export const fileName = ({ generatedAt }: LedgerReport): string =>
  `culvert-ledger-${new Date(generatedAt).toISOString().slice(0, 19).replaceAll(':', '-')}Z.json`
