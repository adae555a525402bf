/** Who said it. Interned: one object per distinct source, so that sinks may keep what they derive from it in a WeakMap. */
export interface Source {
  /** HOSTNAME as sent: `org.space.app`, lossy (the platform's rfc5424.go sanitises it), or a host. */
  readonly host: string
  /** APP-NAME: the application's guid, or a platform job's name. */
  readonly id: string
  /** PROCID as sent, without brackets. */
  readonly procid: string
  readonly app: Named
  readonly space: Named
  readonly org: Named
  /** `APP`, `RTR`, `STG`, `CELL`, `API`, `LGR`, `SSH`, …: the first word of PROCID; '' on metrics. */
  readonly type: string
  /** All of PROCID before the instance: `APP/PROC/WEB`; '' on metrics. */
  readonly fullType: string
  readonly instance: string
  /** `web`, `worker`, …, from PROCID or the tag process_type; '' if neither says it. */
  readonly process: string
  /** Name of a task (`APP/TASK/name`), of a sidecar, number of a revision; '' if none. */
  readonly task: string
  readonly sidecar: string
  readonly revision: string
  /** Every parameter of tags@47450, unescaped. */
  readonly tags: Readonly<Record<string, string>>
}

export interface Named {
  readonly id: string
  readonly name: string
}
