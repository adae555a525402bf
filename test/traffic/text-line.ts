import type { AppLine } from './app-json.ts'

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')
const iso = (line: AppLine): string => new Date(line.timeMs).toISOString()
const pairs = (line: AppLine): string =>
  Object.entries(line.fields)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')

/** A statement as libraries write it that were left at their plain-text set-up. */
export const textLines = {
  /** Spring Boot's console pattern. */
  spring: line =>
    `${iso(line).slice(0, 23)}Z ${line.level.toUpperCase().padStart(5)} 18 --- [${line.app}] [${line.thread.slice(-15).padStart(15)}] ${line.logger.slice(-40).padEnd(40)} : ${line.message} ${pairs(line)}`,
  /** Python's logging with asctime. */
  python: line =>
    `${iso(line).slice(0, 19).replace('T', ' ')},${pad(Math.trunc(line.timeMs % 1000), 3)} - ${line.logger} - ${line.level === 'warn' ? 'WARNING' : line.level.toUpperCase()} - ${line.message} ${pairs(line)}`,
  /** Go's log package. */
  go: line =>
    `${iso(line).slice(0, 10).replaceAll('-', '/')} ${iso(line).slice(11, 19)} ${line.message}: ${pairs(line)}`,
  /** Rails with tagged logging. */
  rails: line =>
    `${line.level.charAt(0).toUpperCase()}, [${iso(line).slice(0, 23)}000 #14] ${line.level.toUpperCase().padStart(5)} -- : [${line.traceId.slice(0, 8)}] ${line.message} ${pairs(line)}`,
  /** console.log and what people type. */
  plain: line => `${line.level === 'info' ? '' : `${line.level}: `}${line.message} (${pairs(line)})`
} as const satisfies Record<string, (line: AppLine) => string>

export type TextForm = keyof typeof textLines
