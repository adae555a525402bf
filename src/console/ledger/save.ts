import type { LedgerReport } from '../../core/ledger-report.ts'
import { fileName } from './file-name.ts'

/** Gives the report as it is shown to the browser's downloads. */
export function saveReport(report: LedgerReport): void {
  const text = `${JSON.stringify(report, null, 2)}\n`
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = fileName(report)
  link.click()
  URL.revokeObjectURL(link.href)
}
