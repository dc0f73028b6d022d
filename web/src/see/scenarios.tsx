// The menu of named scenarios: keep what is set under a name, load, rename, delete, and see them side by side.

import { useEffect, useState } from 'preact/hooks'
import { model } from '../crisis'
import { Menu } from '../menu'
import { say } from '../session'
import { showSideBySide } from './drawer'
import { fitting } from '../setting'
import { keepAs, kept, load, readAgain, remove, rename, unread } from './kept'
import type { Named } from './named'

const LONGEST = 80

export function Scenarios() {
  return (
    <Menu name="Scenarios" class="scenarios">
      {(close) => <Listed close={close} />}
    </Menu>
  )
}

function Listed({ close }: { close: () => void }) {
  useEffect(() => void readAgain(), [])
  const [name, setName] = useState('')
  const found = kept.value
  const crisis = model.value
  const scenarios = found?.scenarios ?? []
  const again = scenarios.some((one) => one.name === name.trim())

  async function keep(event: Event): Promise<void> {
    event.preventDefault()
    if (!(await keepAs(name.trim()))) return
    say(`"${name.trim()}" is kept in ${kept.value?.path}.`)
    setName('')
  }

  return (
    <>
      <h2>Scenarios</h2>
      {unread.value && <p class="warn" role="alert">{unread.value}</p>}
      {!scenarios.length && <p class="note">A scenario is what is varied and supposed on this page, kept under a name beside the file.</p>}
      <ul class="entries" aria-label="Kept scenarios">
        {crisis && scenarios.map((one) => (
          <Kept key={one.name} scenario={one} gone={fitting(crisis, one).gone} writable={found?.writable ?? false}
            take={() => { load(one); close() }} />
        ))}
      </ul>
      {scenarios.length > 0 && (
        <p><button type="button" onClick={() => { close(); showSideBySide() }}>Side by side</button></p>
      )}
      {found && !found.writable && <p class="note">Scenarios can be kept beside a file of your own: File, then "Save as".</p>}
      {found?.writable && (
        <form class="named" onSubmit={(event) => void keep(event)}>
          <label>
            <span>Keep what is set now as</span>
            <input value={name} required maxLength={LONGEST} pattern=".*\S.*" onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <button type="submit">{again ? 'Replace' : 'Keep'}</button>
        </form>
      )}
    </>
  )
}

function Kept({ scenario, gone, writable, take }: {
  scenario: Named
  gone: string[]
  writable: boolean
  take: () => void
}) {
  const [name, setName] = useState<string | null>(null)
  const renamed = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (await rename(scenario.name, (name ?? '').trim())) setName(null)
  }
  return (
    <li class="kept">
      {name === null ? (
        <button type="button" class="plain" onClick={take}><strong>{scenario.name}</strong></button>
      ) : (
        <form onSubmit={(event) => void renamed(event)}>
          <input value={name} required maxLength={LONGEST} pattern=".*\S.*" aria-label={`New name of ${scenario.name}`}
            onInput={(event) => setName(event.currentTarget.value)} />
          <button type="submit" class="small">Rename</button>
        </form>
      )}
      {writable && name === null && (
        <>
          <button type="button" class="small" aria-label={`Rename ${scenario.name}`} onClick={() => setName(scenario.name)}>Rename</button>
          <button type="button" class="small" aria-label={`Delete ${scenario.name}`}
            onClick={() => { if (window.confirm(`Delete the scenario "${scenario.name}"?`)) void remove(scenario.name) }}>
            Delete
          </button>
        </>
      )}
      {gone.length > 0 && <small>No longer in the file: {gone.join(', ')}</small>}
    </li>
  )
}
