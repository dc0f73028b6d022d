// From a run to the ledger: choose an ending or a choice of the run, and go to Score with its probability.

import { useState } from 'preact/hooks'
import { nameIn, type Model } from '../model'
import { Choice } from '../parts/fields'
import { forecastRun } from '../score/prefill'
import { tr } from '../texts'
import { choices } from './studies'

export function ForecastRun({ run, names, model }: { run: string; names: string[]; model: Model | null }) {
  const [open, setOpen] = useState(false)
  const [what, setWhat] = useState('')
  const options = [
    ...(names.length ? names : (model?.endings.map(({ name }) => name) ?? [])).map(
      (name) => [`ending:${name}`, tr('the ending is {ending}', { ending: nameIn(model, 'endings', name) })] as const),
    ...(model ? choices(model).map(([key, words]) => [`move:${key}`, words] as const) : []),
  ]
  const chosen = what || options[0]?.[0] || ''
  const words = (key: string): string => options.find(([other]) => other === key)?.[1] ?? key
  return (
    <>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {tr('Forecast from this run …')}
      </button>
      {open && (
        <form class="fields" aria-label={tr('Forecast from this run')} onSubmit={(event) => {
          event.preventDefault()
          const [kind, name] = chosen.split(/:(.*)/s)
          forecastRun(run, kind === 'move' ? { move: name!, words: words(chosen) } : { ending: name! })
        }}>
          <Choice label={tr('Forecast')} value={chosen} set={setWhat} options={options} />
          <button type="submit" class="main">
            {tr('Go to the ledger')}
          </button>
        </form>
      )}
    </>
  )
}
