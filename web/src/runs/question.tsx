// One question about a run: it unfolds, has a few options, and keeps its answer while others are open.

import { useEffect, useState } from 'preact/hooks'
import { fetched } from '../api'
import { file, isShipped } from '../crisis'
import type { Finding, Model } from '../model'
import { useAsking } from '../parts/asking'
import { Choice, Entry } from '../parts/fields'
import { keep } from '../parts/keeping'
import { tr } from '../texts'
import { Answered } from './answered'
import { shortName } from './state'
import { askStudy, type Asks, type Options, type StudyQuestion } from './studies'

export function Question({ run, question, model, moment }: {
  run: string
  question: StudyQuestion
  model: Model | null
  moment: Options
}) {
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState<Record<string, string>>({})
  const [asked, setAsked] = useState<Options | null>(null)
  const finding = useAsking<Finding>()
  const zip = useAsking<Blob>()
  const { study, asks } = question
  const lists = asks.map((each) => listOf(each, model))
  const missing = asks.some((each, place) => each.from && !each.otherwise && !lists[place]!.length)

  function options(): Options {
    const all = Object.fromEntries(
      asks.map((each, place) => {
        const fallback = each.number?.value ?? (each.otherwise || !each.from ? '' : (lists[place]![0]?.[0] ?? ''))
        return [each.name, chosen[each.name] ?? fallback]
      }),
    )
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
    const made = question.made ? question.made(given) : given
    return study === 'update' ? made : { ...made, ...moment }
  }

  async function ask(): Promise<void> {
    const now = options()
    setAsked(now)
    await finding.ask((signal) => askStudy(run, study, now, signal))
  }
  async function take(): Promise<void> {
    const blob = await zip.ask((signal) => fetched('/api/export', { run, study, options: asked ?? options() }, signal))
    if (blob) keep(blob, `${shortName(run)}-${study}.zip`)
  }
  // a question without options is asked at once when it is opened
  useEffect(() => {
    if (open && !asks.length && !finding.value && finding.since === null) void ask()
  }, [open])
  const ofAnotherMoment = !asks.length && asked !== null && JSON.stringify(asked) !== JSON.stringify(options())

  const id = `question-${study}`
  return (
    <li class="question">
      <button type="button" class="unfold" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {question.words}
      </button>
      <div id={id} hidden={!open}>
        <p class="note">{question.about}</p>
        {asks.length > 0 && (
          <form class="fields" aria-label={question.words} onSubmit={(event) => { event.preventDefault(); void ask() }}>
            {asks.map((each, place) => (
              <Asking key={each.name} asks={each} list={lists[place]!} value={chosen[each.name]}
                set={(value) => setChosen({ ...chosen, [each.name]: value })} />
            ))}
            <button type="submit" class="main" disabled={missing || finding.since !== null}>
              {tr('Ask')}
            </button>
          </form>
        )}
        {ofAnotherMoment && (
          <button type="button" class="main" disabled={finding.since !== null} onClick={() => void ask()}>
            {tr('Ask again')}
          </button>
        )}
        {missing && <p class="note">{tr('Reading the crisis of this run …')}</p>}
        <Answered finding={finding} zip={zip} take={take} />
      </div>
    </li>
  )
}

function listOf(asks: Asks, model: Model | null): (readonly [string, string])[] {
  if (asks.name === 'from') {
    const at = file.value
    return at && !isShipped(at.path) ? [[at.path, tr('{path}, as it is saved', { path: at.path })]] : []
  }
  return model && asks.from ? asks.from(model) : []
}

function Asking({ asks, list, value, set }: {
  asks: Asks
  list: (readonly [string, string])[]
  value: string | undefined
  set: (value: string) => void
}) {
  const hint = asks.hint === undefined ? {} : { hint: asks.hint }
  if (asks.number) {
    const { value: first, ...bounds } = asks.number
    return <Entry label={asks.label} kind="number" value={value ?? first} set={set} {...bounds} {...hint} />
  }
  if (!asks.from) return <Entry label={asks.label} value={value ?? ''} set={set} {...hint} />
  const options = asks.otherwise ? [['', asks.otherwise] as const, ...list] : list
  return <Choice label={asks.label} value={value ?? options[0]?.[0] ?? ''} set={set} options={options} {...hint} />
}
