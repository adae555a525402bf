import { formatLocalInput } from '../format.ts'
import type { Params } from '../use-route.ts'
import { defaultPreset, isPreset, presets, rangeOf } from './time-range.ts'

export interface TimePickerProps {
  readonly params: Readonly<Record<string, string>>
  readonly setParams: (changes: Params) => void
}

/** Presets that end now, or two times of one's own. */
export function TimePicker({ params, setParams }: TimePickerProps) {
  const custom = params.from !== undefined || params.to !== undefined
  const range = rangeOf(params, Date.now())
  const chosen = custom ? 'custom' : isPreset(params.range) ? params.range : defaultPreset
  const choose = (choice: string) =>
    choice === 'custom'
      ? setParams({ from: iso(range.from ?? Date.now() - 3_600_000), to: iso(Date.now()), range: '' })
      : setParams({ from: '', to: '', at: '', range: choice === defaultPreset ? '' : choice })
  return (
    <div class="time-picker">
      <fieldset class="segmented" aria-label="Time range">
        {Object.entries(presets).map(([name, { label }]) => (
          <button
            key={name}
            type="button"
            aria-label={label}
            aria-pressed={chosen === name}
            onClick={() => choose(name)}
          >
            {name === 'all' ? 'All' : name}
          </button>
        ))}
        <button type="button" aria-pressed={custom} onClick={() => choose('custom')}>
          Custom
        </button>
      </fieldset>
      {custom && (
        <div class="time-custom">
          <TimeInput label="From" time={range.from} onTime={from => setParams({ from })} />
          <TimeInput label="To" time={range.to} onTime={to => setParams({ to })} />
        </div>
      )}
    </div>
  )
}

function TimeInput(props: { label: string; time: number | undefined; onTime: (time: string) => void }) {
  const { label, time, onTime } = props
  return (
    <label class="time-input">
      <span>{label}</span>
      <input
        type="datetime-local"
        step="1"
        value={time === undefined ? '' : formatLocalInput(time)}
        onChange={event => {
          const at = new Date(event.currentTarget.value).getTime()
          onTime(Number.isNaN(at) ? '' : iso(at))
        }}
      />
    </label>
  )
}

const iso = (time: number): string => new Date(time).toISOString()
