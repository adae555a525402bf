import { messagesOf, octetCounted } from '../traffic/agent.ts'
import { log } from '../traffic/envelopes.ts'
import { lostMessages } from '../traffic/platform-line.ts'
import { createSender, type Sender } from './sender.ts'
import type { Message } from './world.ts'

export interface SendersOptions {
  readonly host: string
  readonly port: number
  readonly nowMicros: () => number
  /** The first connection is up, after none was. */
  readonly connected: () => void
  /** The last connection is gone, or there never was one. */
  readonly failed: (error: Error) => void
}

/** A drain connection per virtual machine and app, as the platform's agents keep them, and the books on what went over them. */
export function createSenders({ host, port, nowMicros, connected, failed }: SendersOptions) {
  const senders = new Map<string, Sender>()
  const counts = { log: 0, gauge: 0, counter: 0, timer: 0, event: 0 }
  let frames = 0
  let bytes = 0
  let lost = 0
  let reachable: boolean | undefined

  const open = (): number => [...senders.values()].filter(sender => sender.connected).length

  function senderOf({ vm, app }: Message): Sender {
    const key = `${vm.index} ${app?.id ?? ''}`
    const known = senders.get(key)
    if (known !== undefined) return known
    const sender = createSender(host, port, {
      connected: () => {
        if (reachable !== true) connected()
        reachable = true
      },
      failed: error => {
        if (reachable !== false && open() === 0) {
          reachable = false
          failed(error)
        }
      },
      lost: count => {
        lost += count
        const instance = app?.instances[0]
        if (app === undefined || instance === undefined) return
        const { text, stream = 'err', sourceType } = lostMessages(app.id, count, `syslog://${host}:${port}`)
        const origin = { app, instance, vm, timeMicros: nowMicros() }
        for (const message of messagesOf(log(origin, text, { stream, sourceType }))) sender.send(octetCounted(message))
      }
    })
    senders.set(key, sender)
    return sender
  }

  return {
    send(message: Message): void {
      const sender = senderOf(message)
      counts[message.envelope.kind]++
      for (const text of messagesOf(message.envelope)) {
        const frame = octetCounted(text)
        frames++
        bytes += frame.length
        sender.send(frame)
      }
    },
    get totals() {
      const unsent = [...senders.values()].reduce((sum, sender) => sum + sender.unsent, 0)
      return { ...counts, frames, bytes, lost, unsent, connections: open() }
    },
    async stop(): Promise<void> {
      await Promise.all([...senders.values()].map(sender => sender.stop()))
    }
  }
}
