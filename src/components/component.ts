/**
 * A part of a configuration file, as one of the component functions describes it: nothing is checked, opened or made yet, so that all
 * that is wrong with a file is found in one pass.
 */
export interface Component<Kind extends string = string, Options = unknown> {
  readonly kind: Kind
  readonly options: Options
}

/** What a file need not say, since the environment may. */
export type Fillable<Options> = { readonly [Key in keyof Options]?: Options[Key] | undefined }

export const component = <const Kind extends string, Options>(
  kind: Kind,
  options: Options
): Component<Kind, Options> => ({
  kind,
  options
})

export function isComponent(value: unknown): value is Component {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    'options' in value
  )
}
