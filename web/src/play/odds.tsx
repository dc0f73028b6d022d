// The odds of the endings, as a bar of shares with the names beneath; one colour per ending, always with its name too.

import { percent } from '../model'

export function classOf(endings: string[], name: string): string {
  return `ending-${Math.max(0, endings.indexOf(name)) % 7}`
}

export function OddsBar({ odds, endings }: { odds: Record<string, number>; endings: string[] }) {
  return (
    <div class="stack" aria-hidden="true">
      {endings.map((name) => (
        <span key={name} class={`${classOf(endings, name)} moves-softly`} style={{ width: `${100 * (odds[name] ?? 0)}%` }} />
      ))}
    </div>
  )
}

export function Legend({ endings, names, odds, before }: {
  endings: string[]
  names: Record<string, string>
  odds?: Record<string, number>
  before?: Record<string, number>
}) {
  return (
    <ul class="stack-names">
      {endings.map((name) => (
        <li key={name}>
          <span class={`swatch ${classOf(endings, name)}`} aria-hidden="true" /> {names[name] ?? name}{' '}
          {odds && (
            <b>
              {before && before[name] !== odds[name] && <>{percent(before[name] ?? 0)} → </>}
              {percent(odds[name] ?? 0)}
            </b>
          )}
        </li>
      ))}
    </ul>
  )
}
