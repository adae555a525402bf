import type { Random } from './random.ts'

/** An unhandled failure as a language prints it. */
export interface StackTrace {
  readonly type: string
  readonly message: string
  /** As printed; the platform sends each line as an envelope of its own. */
  readonly lines: readonly string[]
}

const java = (random: Random): StackTrace => {
  const id = random.int(80_000, 99_999)
  const type = 'java.lang.IllegalStateException'
  const message = `Order ${id} has no lines`
  return {
    type,
    message,
    lines: [
      `Exception in thread "http-nio-8080-exec-${random.int(1, 20)}" ${type}: ${message}`,
      '\tat com.acme.shop.OrderService.total(OrderService.java:118)',
      '\tat com.acme.shop.OrderController.show(OrderController.java:64)',
      '\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)',
      '\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:903)',
      '\tat org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:140)',
      '\tat java.base/java.lang.Thread.run(Thread.java:1583)',
      `Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after ${30_000 + random.int(1, 9)}ms`,
      '\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)',
      '\tat com.acme.shop.OrderRepository.find(OrderRepository.java:41)',
      '\t... 42 more'
    ]
  }
}

const python = (random: Random): StackTrace => {
  const type = 'KeyError'
  const message = `'sku-${random.int(1000, 9999)}'`
  return {
    type,
    message,
    lines: [
      'Traceback (most recent call last):',
      '  File "/home/vcap/deps/0/python/lib/python3.13/site-packages/flask/app.py", line 1511, in wsgi_app',
      '    response = self.full_dispatch_request()',
      '  File "/home/vcap/app/recommender/views.py", line 87, in recommend',
      '    scores = [model.scores[sku] for sku in basket]',
      '              ~~~~~~~~~~~~^^^^^',
      `${type}: ${message}`
    ]
  }
}

const node = (random: Random): StackTrace => {
  const type = 'TypeError'
  const message = "Cannot read properties of undefined (reading 'price')"
  return {
    type,
    message,
    lines: [
      '/home/vcap/app/src/checkout.js:58',
      '  const total = items.reduce((sum, item) => sum + item.offer.price, 0)',
      '                                                             ^',
      `${type}: ${message}`,
      '    at /home/vcap/app/src/checkout.js:58:62',
      '    at Array.reduce (<anonymous>)',
      `    at checkout (/home/vcap/app/src/checkout.js:58:${random.int(10, 40)})`,
      '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
      'Node.js v24.4.1'
    ]
  }
}

const go = (random: Random): StackTrace => {
  const type = 'panic'
  const message = 'runtime error: invalid memory address or nil pointer dereference'
  return {
    type,
    message,
    lines: [
      `${type}: ${message}`,
      `[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x${random.hex(6)}]`,
      `goroutine ${random.int(20, 900)} [running]:`,
      `main.(*catalog).lookup(0x0, {0xc000${random.hex(6)}, 0x7})`,
      '\t/tmp/app/catalog.go:132 +0x4f',
      `main.(*server).ServeHTTP(0xc000${random.hex(6)}, {0x8f2a40, 0xc000${random.hex(6)}}, 0x0)`,
      '\t/tmp/app/server.go:57 +0x1c9',
      'created by net/http.(*Server).Serve in goroutine 1',
      '\t/usr/local/go/src/net/http/server.go:3454 +0x485',
      'exit status 2'
    ]
  }
}

export const stackTraces = { java, python, node, go } as const
export type Language = keyof typeof stackTraces
