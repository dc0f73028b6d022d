// The sections of the form: who acts, what happens, how it can end, and what each actor wants.

import { tr, woven } from '../texts'
import { Adding, ConditionFields, EstimateFields, Field, GroupFault, nameOfStep, RowButtons } from './asked'
import {
  payoffOf, replaced, sight, withActor, withEnding, withOption, withoutActor, withoutEnding, withoutStep, withPayoff,
  withStep, type Actor, type Ending, type Form, type Option, type Step,
} from './form'

export interface Filled {
  form: Form
  set: (form: Form) => void
}

const MOST_ACTORS = 8
const MOST_STEPS = 12
const MOST_OPTIONS = 8
const MOST_ENDINGS = 8

export function Actors({ form, set, keys }: Filled & { keys: string[] }) {
  return (
    <section aria-labelledby="new-actors" data-rows>
      <h3 id="new-actors">{tr('Who acts')}</h3>
      <GroupFault at="actors" />
      {form.actors.map((actor, place) => {
        const change = (more: object): void => set({ ...form, actors: replaced(form.actors, { ...actor, ...more }) })
        return (
          <fieldset key={actor.id} id={`row-${actor.id}`}>
            <legend>{nameOfActor(actor, place)}</legend>
            <div class="line">
              <Field at={`actors.${place}.name`} label={tr('Name')} value={actor.name} example={EXAMPLES[place]}
                set={(name) => change({ name })} />
              <Field at={`actors.${place}.wants`} label={tr('What it wants')} value={actor.wants} wide
                set={(wants) => change({ wants })} />
              <Field at={`actors.${place}.key`} label={tr('Key in the file')} value={actor.key} example={keys[place]}
                set={(key) => change({ key })} />
            </div>
            <RowButtons name={actor.name || tr('actor {number}', { number: place + 1 })} rows={form.actors} place={place} fewest={1}
              set={(actors) => set({ ...form, actors })} remove={() => set(withoutActor(form, actor.id))} />
          </fieldset>
        )
      })}
      <Adding rows={form.actors.length} most={MOST_ACTORS}
        kinds={[[tr('Add an actor'), () => { set(withActor(form)); return form.next }]]} />
    </section>
  )
}

const EXAMPLES = [tr('such as Northland'), tr('such as Southland')]

/** The name of an actor, where it stands alone. */
function nameOfActor(actor: Actor, place: number): string {
  return actor.name || tr('Actor {number}', { number: place + 1 })
}

export function Steps({ form, set }: Filled) {
  return (
    <section aria-labelledby="new-steps" data-rows>
      <h3 id="new-steps">{tr('What happens, in order')}</h3>
      <p class="note">
        {woven('A {move} is chosen by an actor; a {chance_step} is what nobody chooses. Names are read in sentences: ' +
          '“a blockade”, “Southland\'s reply”.', { move: <em>{tr('move')}</em>, chance_step: <em>{tr('chance step')}</em> })}
      </p>
      <GroupFault at="steps" />
      {form.steps.map((step, place) => <StepFields key={step.id} form={form} set={set} step={step} place={place} />)}
      <Adding rows={form.steps.length} most={MOST_STEPS}
        kinds={[
          [tr('Add a move'), () => { set(withStep(form, 'move')); return form.next }],
          [tr('Add a chance step'), () => { set(withStep(form, 'chance')); return form.next }],
        ]} />
    </section>
  )
}

function StepFields({ form, set, step, place }: Filled & { step: Step; place: number }) {
  const at = `steps.${place}`
  const change = (more: Partial<Step>): void => set({ ...form, steps: replaced(form.steps, { ...step, ...more }) })
  const name = nameOfStep(step, place)
  return (
    <fieldset id={`row-${step.id}`}>
      <legend>{place + 1}. {step.name || (step.by === null ? tr('Chance step') : tr('Move'))}</legend>
      <div class="line">
        <Field at={`${at}.name`} label={tr('Name')} value={step.name} wide
          example={step.by === null ? tr('such as shots at sea') : tr("such as Northland's answer")} set={(given) => change({ name: given })} />
        <div class="asked">
          <label for={`who-${step.id}`}>{tr('Who chooses')}</label>
          <select id={`who-${step.id}`} value={step.by ?? ''}
            onChange={(event) => change({ by: event.currentTarget.value ? Number(event.currentTarget.value) : null })}>
            {form.actors.map((actor, number) => (
              <option key={actor.id} value={actor.id}>{nameOfActor(actor, number)}</option>
            ))}
            <option value="">{tr('nobody: chance')}</option>
          </select>
        </div>
      </div>
      <div class="options" data-rows role="group"
        aria-label={step.by === null ? tr('Values of {step}', { step: name }) : tr('Options of {step}', { step: name })}>
        <GroupFault at={`${at}.options`} />
        {step.options.map((option, number) => (
          <OptionFields key={option.id} at={`${at}.options.${number}`} step={step} option={option} place={number}
            set={(options) => change({ options })} />
        ))}
        <Adding rows={step.options.length} most={MOST_OPTIONS}
          kinds={[[step.by === null ? tr('Add a value') : tr('Add an option'), () => { set(withOption(form, step.id)); return form.next }]]} />
      </div>
      {place > 0 && (
        <ConditionFields at={`${at}.happens_if`} legend={tr('It happens only if')} more={tr('It happens only if …')} fewest={0}
          value={step.happensIf} set={(happensIf) => change({ happensIf })} steps={form.steps.slice(0, place)} />
      )}
      {place > 0 && step.by !== null && <Seen form={form} set={set} step={step} place={place} />}
      <RowButtons name={name} rows={form.steps} place={place} fewest={1} set={(steps) => set({ ...form, steps })}
        remove={() => set(withoutStep(form, step.id))} />
    </fieldset>
  )
}

function OptionFields({ at, step, option, place, set }: {
  at: string
  step: Step
  option: Option
  place: number
  set: (options: Option[]) => void
}) {
  const { options } = step
  const number = place + 1
  const label = step.by === null ? tr('Value {number}', { number }) : tr('Option {number}', { number })
  const name = option.name || (step.by === null ? tr('value {number}', { number }) : tr('option {number}', { number }))
  return (
    <div class="option" id={`row-${option.id}`}>
      <div class="line">
        <Field at={`${at}.name`} label={label} value={option.name} wide
          set={(given) => set(replaced(options, { ...option, name: given }))} />
        <RowButtons name={name} rows={options} place={place} fewest={2} set={set}
          remove={() => set(options.filter((other) => other.id !== option.id))} />
      </div>
      {step.by === null && (place < options.length - 1
        ? <EstimateFields at={`${at}.odds`} of={tr('The odds of {name}, from 0 to 1', { name })} value={option.odds}
            set={(odds) => set(replaced(options, { ...option, odds }))} />
        : <p class="note">{tr('It gets what the odds above leave of 1.')}</p>)}
    </div>
  )
}

/** The earlier steps that the actor of a move has seen; what it chose or saw before, it knows. */
function Seen({ form, set, step, place }: Filled & { step: Step; place: number }) {
  const actor = form.actors.find((one) => one.id === step.by)?.name
  const tick = (id: number, seen: boolean): void => {
    const unseen = seen ? step.unseen.filter((other) => other !== id) : [...step.unseen, id]
    set({ ...form, steps: replaced(form.steps, { ...step, unseen }) })
  }
  return (
    <div class="seen" role="group" aria-label={actor ? tr('What {actor} has seen', { actor }) : tr('What the actor has seen')}>
      <span>{actor ? tr('{actor} has seen', { actor }) : tr('The actor has seen')}</span>
      {form.steps.slice(0, place).map((earlier, number) => {
        const sees = sight(form, place, number)
        return (
          <label class="tick" key={earlier.id}>
            <input type="checkbox" checked={sees !== 'unseen'} disabled={sees === 'own' || sees === 'remembered'}
              onChange={(event) => tick(earlier.id, event.currentTarget.checked)} />
            <span>{known(nameOfStep(earlier, number), sees)}</span>
          </label>
        )
      })}
    </div>
  )
}

function known(step: string, sees: ReturnType<typeof sight>): string {
  if (sees === 'own') return tr('{step} (its own choice)', { step })
  return sees === 'remembered' ? tr('{step} (at an earlier move)', { step }) : step
}

export function Endings({ form, set }: Filled) {
  const last = form.endings.length - 1
  return (
    <section aria-labelledby="new-endings" data-rows>
      <h3 id="new-endings">{tr('How it can end')}</h3>
      <p class="note">{tr('The first ending counts whose condition holds; the last one counts otherwise.')}</p>
      <GroupFault at="endings" />
      {form.endings.map((ending, place) => {
        const change = (more: object): void => set({ ...form, endings: replaced(form.endings, { ...ending, ...more }) })
        return (
          <fieldset key={ending.id} id={`row-${ending.id}`}>
            <legend>{place + 1}. {ending.name || tr('Ending')}</legend>
            <div class="line">
              <Field at={`endings.${place}.name`} label={tr('Name')} value={ending.name} wide set={(name) => change({ name })}
                example={place === 0 ? tr('such as a clash') : tr('such as the rig in its place')} />
              <label class="tick avoid">
                <input type="radio" name="new-avoid" checked={form.avoid === ending.id}
                  onChange={() => set({ ...form, avoid: ending.id })} />
                <span>{tr('to be avoided')}</span>
              </label>
            </div>
            {place < last
              ? <ConditionFields at={`endings.${place}.when`} legend={tr('It ends so if')} more={tr('It ends so if …')} fewest={1}
                  value={ending.when} set={(when) => change({ when })} steps={form.steps} />
              : <p class="note">{tr('It ends so otherwise.')}</p>}
            <RowButtons name={nameOfEnding(ending, place)} rows={form.endings} place={place} fewest={2}
              set={(endings) => set({ ...form, endings })} remove={() => set(withoutEnding(form, ending.id))} />
          </fieldset>
        )
      })}
      <Adding rows={form.endings.length} most={MOST_ENDINGS}
        kinds={[[tr('Add an ending'), () => { set(withEnding(form)); return form.next }]]} />
    </section>
  )
}

/** The name of an ending within a sentence. */
function nameOfEnding(ending: Ending, place: number): string {
  return ending.name || tr('ending {number}', { number: place + 1 })
}

export function Payoffs({ form, set }: Filled) {
  return (
    <section aria-labelledby="new-payoffs">
      <h3 id="new-payoffs">{tr('What each ending is worth to each actor')}</h3>
      <p class="note">
        {tr('Choose one thing as the 1, such as what the quarrel is about, and compare everything with it. If an actor would ' +
          'risk one chance in four of a disaster to win the 1, the disaster is worth -3. A difference of 1 settles most ' +
          'choices. Empty is 0. “From” and “to” are values that would surprise you, but not much.')}
      </p>
      <GroupFault at="payoffs" />
      {form.actors.map((actor, place) => (
        <fieldset key={actor.id}>
          <legend>{nameOfActor(actor, place)}</legend>
          <GroupFault at={`payoffs.${place}`} />
          {form.endings.map((ending, number) => {
            const name = nameOfEnding(ending, number)
            const of = actor.name || tr('actor {number}', { number: place + 1 })
            return (
              <div class="worth" key={ending.id}>
                <p aria-hidden="true">{name}</p>
                <EstimateFields at={`payoffs.${place}.${number}`} value={payoffOf(form, actor.id, ending.id)}
                  of={tr('What {ending} is worth to {actor}', { ending: name, actor: of })}
                  set={(estimate) => set(withPayoff(form, actor.id, ending.id, estimate))} />
              </div>
            )
          })}
        </fieldset>
      ))}
    </section>
  )
}
