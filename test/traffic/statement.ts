import type { Random } from './random.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Something that an app has to say: a message and the numbers and names that go with it. */
export interface Statement {
  readonly level: Level
  /** Where in the app it is said. */
  readonly logger: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

type Maker = (random: Random) => Statement

const state =
  (level: Level, logger: string, message: string, fields: (random: Random) => Statement['fields']): Maker =>
  random => ({ level, logger, message, fields: fields(random) })

const ms = (random: Random, median: number): number => Math.round(random.logNormal(median, 0.6) * 100) / 100
const cents = (random: Random): number => random.int(199, 49_999) / 100
const order = (random: Random): number => random.int(80_000, 99_999)
const customer = (random: Random): string => `c-${random.int(1000, 9999)}`
const currencies = ['EUR', 'USD', 'GBP', 'SEK']
const countries = ['DE', 'FR', 'SE', 'US', 'JP', 'BR']

const usual: readonly Maker[] = [
  state('info', 'com.acme.shop.OrderService', 'order created', r => ({
    orderId: order(r),
    customerId: customer(r),
    amount: cents(r),
    currency: r.pick(currencies),
    items: r.int(1, 9)
  })),
  state('info', 'com.acme.shop.CartController', 'cart updated', r => ({
    cartId: r.hex(12),
    items: r.int(1, 14),
    total: cents(r),
    coupon: r.chance(0.2) ? `SAVE${r.int(5, 30)}` : null
  })),
  state('info', 'com.acme.payments.Gateway', 'payment authorised', r => ({
    orderId: order(r),
    provider: r.pick(['stripe', 'adyen', 'paypal']),
    amount: cents(r),
    currency: r.pick(currencies),
    durationMs: ms(r, 180)
  })),
  state('info', 'com.acme.catalog.SearchHandler', 'search served', r => ({
    query: r.pick(['red shoes', 'usb-c cable', 'garden chair', 'coffee grinder', 'größe 42', 'raincoat']),
    hits: r.int(0, 480),
    page: r.int(1, 4),
    tookMs: ms(r, 24)
  })),
  state('info', 'com.acme.identity.SessionFilter', 'session renewed', r => ({
    customerId: customer(r),
    country: r.pick(countries),
    ttlSeconds: 1800
  })),
  state('info', 'com.acme.shipping.LabelJob', 'label printed', r => ({
    orderId: order(r),
    carrier: r.pick(['DHL', 'UPS', 'PostNord']),
    weightKg: r.int(1, 300) / 10
  })),
  state('debug', 'com.acme.catalog.Cache', 'cache hit', r => ({
    key: `product:${r.int(1000, 9999)}`,
    ageSeconds: r.int(1, 600),
    bytes: r.int(300, 9000)
  })),
  state('debug', 'com.acme.db.Pool', 'connection borrowed', r => ({
    active: r.int(1, 20),
    idle: r.int(0, 10),
    waitMs: ms(r, 2)
  }))
]

const doubtful: readonly Maker[] = [
  state('warn', 'com.acme.db.Query', 'slow query', r => ({
    statement: 'select * from orders where customer_id = $1 order by created_at desc',
    rows: r.int(1, 5000),
    durationMs: ms(r, 900)
  })),
  state('warn', 'com.acme.http.Client', 'retrying upstream call', r => ({
    upstream: r.pick(['inventory', 'pricing', 'fraud-check']),
    attempt: r.int(2, 4),
    backoffMs: r.int(50, 800)
  })),
  state('warn', 'com.acme.identity.LoginController', 'login rejected', r => ({
    customerId: customer(r),
    reason: r.pick(['bad password', 'account locked', 'second factor missing']),
    remote: r.ipv4()
  }))
]

const wrong: readonly Maker[] = [
  state('error', 'com.acme.http.Client', 'upstream timed out', r => ({
    upstream: r.pick(['inventory', 'pricing', 'fraud-check']),
    timeoutMs: 3000,
    attempt: 4
  })),
  state('error', 'com.acme.payments.Gateway', 'payment declined by provider', r => ({
    orderId: order(r),
    provider: r.pick(['stripe', 'adyen', 'paypal']),
    code: r.pick(['card_declined', 'insufficient_funds', 'do_not_honor'])
  })),
  state('error', 'com.acme.shop.OrderService', 'order could not be stored', r => ({
    orderId: order(r),
    sqlState: '40001',
    retries: 3
  }))
]

/** An error of an app whose requests fail; else mostly everyday statements, and a warning now and then. */
export const statement = (random: Random, failing: boolean): Statement =>
  random.pick(failing ? wrong : random.chance(0.06) ? doubtful : usual)(random)
