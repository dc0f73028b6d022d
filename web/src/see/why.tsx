// Why an actor chooses as it does at a move, given what it knows there.

import { useEffect, useState } from 'preact/hooks'
import { isAbort, post } from '../api'
import { model, nameOf, optionOf, setting } from '../crisis'
import { inRound, type Finding, type Model } from '../model'
import { FindingView } from '../parts/finding'
import { tr } from '../texts'
import { Drawer, type WhyAsked } from './drawer'

export function WhyDrawer({ asked }: { asked: WhyAsked }) {
  const [sees, setSees] = useState<Record<string, string>>({})
  const [found, setFound] = useState<Finding | null>(null)
  const [wrong, setWrong] = useState<string | null>(null)
  const [working, setWorking] = useState(true)
  const base = setting.value
  useEffect(() => { setSees({}); setFound(null) }, [asked])
  useEffect(() => {
    if (!base) return
    const left = new AbortController()
    setWorking(true)
    setWrong(null)
    const move = asked.round ? `${asked.move}@${asked.round}` : asked.move
    // sliders may be moving: the request uses the last setting when they rest
    const wait = window.setTimeout(() => {
      post<Finding>('/api/why', { ...base, move, sees }, left.signal).then(
        (finding) => { setFound(finding); setWorking(false) },
        (error: unknown) => { if (!isAbort(error)) { setWrong((error as Error).message); setWorking(false) } },
      )
    }, found ? 250 : 0)
    return () => { window.clearTimeout(wait); left.abort() }
  }, [asked, sees, base])
  const crisis = model.value
  const facts = crisis && found ? askable(crisis, found, sees) : []
  return (
    <Drawer title={tr('Why: {move}', { move: inRound(nameOf('steps', asked.move), asked.round) })}>
      {facts.length > 0 && (
        <fieldset class="sees">
          <legend>{tr('What it knows there')}</legend>
          {facts.map((fact) => (
            <label key={fact.name}>
              <span>{fact.label}</span>
              <select value={sees[fact.name] ?? ''}
                onChange={(event) => setSees(chosen(sees, fact.name, event.currentTarget.value))}>
                <option value="">
                  {sees[fact.name] ? tr('the likeliest') : tr('the likeliest ({value})', { value: fact.value })}
                </option>
                {fact.options.map((option) => <option key={option} value={option}>{optionOf(fact.step, option)}</option>)}
              </select>
            </label>
          ))}
        </fieldset>
      )}
      {wrong && <p role="alert" class="warn">{wrong}</p>}
      <p class="note" role="status">{working ? tr('Working it out …') : ' '}</p>
      {found && <div class={working || wrong ? 'stale' : ''}><FindingView finding={found} /></div>}
    </Drawer>
  )
}

function chosen(sees: Record<string, string>, name: string, value: string): Record<string, string> {
  const { [name]: _, ...rest } = sees
  return value ? { ...rest, [name]: value } : rest
}

interface Fact {
  name: string
  step: string
  label: string
  value: string
  options: string[]
}

/** The steps known to the actor whose values distinguish its situations: these can be chosen. */
function askable(crisis: Model, finding: Finding, sees: Record<string, string>): Fact[] {
  const known = finding.tables.find((table) => table.name === 'knows')
  const steps = new Map([...crisis.moves, ...crisis.chances].map((step) => [step.step, step.options]))
  return (known?.rows ?? []).flatMap(([label = '', value = ''], row) => {
    const [fact, , apart] = known?.keys?.[row] ?? []
    const name = typeof fact === 'string' ? fact : ''
    const step = name.split('@')[0] ?? ''
    const options = steps.get(step)
    return options && (apart === true || name in sees) ? [{ name, step, label, value, options }] : []
  })
}
