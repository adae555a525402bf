import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

/**
 * A uPlot chart that fills `box` and follows its size. It is made anew when `key` changes (series, colours); `data` is set
 * without that.
 */
export function useUplot(
  box: RefObject<HTMLElement | null>,
  key: string,
  data: uPlot.AlignedData,
  options: (width: number, height: number) => uPlot.Options
): RefObject<uPlot | null> {
  const chart = useRef<uPlot>(null)
  const latest = useRef({ options, data })
  latest.current = { options, data }

  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const size = () => [Math.max(120, element.clientWidth), Math.max(60, element.clientHeight)] as const
    const made = new uPlot(latest.current.options(...size()), latest.current.data, element)
    chart.current = made
    const observer = new ResizeObserver(() => {
      const [width, height] = size()
      if (width !== made.width || height !== made.height) made.setSize({ width, height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [key, box])

  useEffect(() => chart.current?.setData(data), [data])
  return chart
}
