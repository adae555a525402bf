import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { findCommand, requireCommands, run } from './command.ts'

const VERSION = 'v2.7.12'

/** `go install package@version` refuses a go.mod with a replace line, as InfluxDB's has: so it is built as a tool of a module of ours. */
const GO_MOD = `module culvert.test/influxdb

go 1.24.0

replace github.com/nats-io/nats-streaming-server v0.11.2 => github.com/influxdata/nats-streaming-server v0.11.3-0.20201112040610-c277f7560803
`

/** libflux denies warnings, and a newer rustc has more of them than its authors saw: cap them. */
const RUSTC = `#!/bin/sh
for argument; do [ "$argument" = --cap-lints ] && exec "$@"; done
exec "$@" --cap-lints warn
`

/**
 * The path of InfluxDB's server, built from its Go module and Rust library the first time: 4 to 12 minutes on two cores. Nobody publishes
 * the server itself in a package registry.
 */
export async function installInfluxdb(): Promise<string> {
  return join(await cached(`influxdb-${VERSION}`, build), 'influxd')
}

async function build(folder: string, work: string): Promise<void> {
  requireCommands('Building InfluxDB for the tests', {
    go: 'install Go 1.24 or later (an older one of the system will not do)',
    cargo: 'install a current Rust with rustup',
    rustc: 'install a current Rust with rustup',
    cc: 'apt-get install gcc',
    'pkg-config': 'apt-get install pkg-config'
  })
  const bin = join(work, 'bin')
  const mod = join(work, 'mod')
  const temporary = join(work, 'tmp')
  for (const made of [bin, mod, temporary]) await mkdir(made, { recursive: true })
  await writeFile(join(mod, 'go.mod'), GO_MOD)
  const rustc = join(bin, 'rustc-wrapper')
  await writeFile(rustc, RUSTC)
  await chmod(rustc, 0o755)

  const env = {
    ...process.env,
    GOPATH: join(work, 'gopath'),
    GOCACHE: join(work, 'gocache'),
    GOBIN: bin,
    GOTMPDIR: temporary,
    GOTOOLCHAIN: 'local',
    GOFLAGS: `${process.env.GOFLAGS ?? ''} -buildvcs=false -modcacherw`.trim()
  }
  // a wrapper that builds libflux out of the flux module when Go asks pkg-config for it
  await run('go', ['install', 'github.com/influxdata/pkg-config@v0.2.14'], { cwd: mod, env })
  await run('go', ['get', '-tool', `github.com/influxdata/influxdb/v2/cmd/influxd@${VERSION}`], { cwd: mod, env })
  const flags = [
    '-trimpath',
    '-tags',
    'sqlite_foreign_keys,sqlite_json,noassets',
    '-ldflags',
    `-s -w -X main.version=${VERSION}`
  ]
  const output = join(work, 'influxd')
  await run('go', ['build', ...flags, '-o', output, 'github.com/influxdata/influxdb/v2/cmd/influxd'], {
    cwd: mod,
    env: { ...env, ...(await rustToolchain()), PATH: `${bin}:${process.env.PATH}`, RUSTC_WRAPPER: rustc }
  })
  await rename(output, join(folder, 'influxd'))
}

/** The toolchain that is active here, because flux asks rustup for an old one that need not be installed. */
async function rustToolchain(): Promise<{ RUSTUP_TOOLCHAIN?: string }> {
  if (process.env.RUSTUP_TOOLCHAIN || !findCommand('rustup')) return {}
  const active = await run('rustup', ['show', 'active-toolchain'])
  return { RUSTUP_TOOLCHAIN: active.split(/\s/)[0] }
}
