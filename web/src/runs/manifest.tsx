// How a run was made: the content of its manifest, as a list of terms.

import { tr } from '../texts'


export function Manifest({ manifest }: { manifest: Record<string, unknown> }) {
  return (
    <details class="manifest">
      <summary>{tr('How this run was made: all that is needed to repeat it')}</summary>
      <Terms of={manifest} />
    </details>
  )
}

function Terms({ of }: { of: Record<string, unknown> }) {
  return (
    <dl>
      {Object.entries(of).map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>{isRecord(value) && Object.keys(value).length ? <Terms of={value} /> : shown(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (value === null) return tr('none')
  if (Array.isArray(value)) return value.length ? value.map(shown).join(', ') : tr('none')
  if (typeof value === 'boolean') return value ? tr('yes') : tr('no')
  if (isRecord(value)) return tr('none')
  return String(value)
}
