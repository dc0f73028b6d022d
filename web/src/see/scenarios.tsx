// The menu of named scenarios: keep what is set under a name, load, rename, delete, and see them side by side.

import { useEffect, useState } from 'preact/hooks'
import { model } from '../crisis'
import { Menu } from '../menu'
import { say } from '../session'
import { showSideBySide } from './drawer'
import { fitting } from '../setting'
import { tr } from '../texts'
import { keepAs, kept, load, readAgain, remove, rename, unread } from './kept'
import type { Named } from './named'

const LONGEST = 80

export function Scenarios() {
  return (
    <Menu name={tr('Scenarios')} class="scenarios">
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
    say(tr('"{scenario}" is kept in {file}.', { scenario: name.trim(), file: kept.value?.path ?? '' }))
    setName('')
  }

  return (
    <>
      <h2>{tr('Scenarios')}</h2>
      {unread.value && <p class="warn" role="alert">{unread.value}</p>}
      {!scenarios.length && (
        <p class="note">{tr('A scenario is what is varied and supposed on this page, kept under a name beside the file.')}</p>
      )}
      <ul class="entries" aria-label={tr('Kept scenarios')}>
        {crisis && scenarios.map((one) => (
          <Kept key={one.name} scenario={one} gone={fitting(crisis, one).gone} writable={found?.writable ?? false}
            take={() => { load(one); close() }} />
        ))}
      </ul>
      {scenarios.length > 0 && (
        <p><button type="button" onClick={() => { close(); showSideBySide() }}>{tr('Side by side')}</button></p>
      )}
      {found && !found.writable && (
        <p class="note">{tr('Scenarios can be kept beside a file of your own: File, then "Save as".')}</p>
      )}
      {found?.writable && (
        <form class="named" onSubmit={(event) => void keep(event)}>
          <label>
            <span>{tr('Keep what is set now as')}</span>
            <input value={name} required maxLength={LONGEST} pattern=".*\S.*" onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <button type="submit">{again ? tr('Replace') : tr('Keep')}</button>
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
          <input value={name} required maxLength={LONGEST} pattern=".*\S.*"
            aria-label={tr('New name of {scenario}', { scenario: scenario.name })} onInput={(event) => setName(event.currentTarget.value)} />
          <button type="submit" class="small">{tr('Rename')}</button>
        </form>
      )}
      {writable && name === null && (
        <>
          <button type="button" class="small" aria-label={tr('Rename {scenario}', { scenario: scenario.name })}
            onClick={() => setName(scenario.name)}>
            {tr('Rename')}
          </button>
          <button type="button" class="small" aria-label={tr('Delete {scenario}', { scenario: scenario.name })}
            onClick={() => {
              if (window.confirm(tr('Delete the scenario "{scenario}"?', { scenario: scenario.name }))) void remove(scenario.name)
            }}>
            {tr('Delete')}
          </button>
        </>
      )}
      {gone.length > 0 && <small>{tr('No longer in the file: {names}', { names: gone.join(', ') })}</small>}
    </li>
  )
}
