// Sets up a match: who plays which actor, the seed, and the time per choice.

import { useState } from 'preact/hooks'
import { fits, model, nameOf, setting } from '../crisis'
import { useAsking } from '../parts/asking'
import { Entry, numberIn } from '../parts/fields'
import { Working } from '../parts/working'
import { ahead } from '../setting'
import { tr, trn } from '../texts'
import { begin, watched } from './matches'

type Seat = 'person' | 'offramp'

export function SettingUp() {
  const [seats, setSeats] = useState<Record<string, Seat>>({})
  const [seed, setSeed] = useState('')
  const [seconds, setSeconds] = useState('')
  const asked = useAsking<string>()
  const from = setting.value
  const crisis = model.value
  if (!crisis || !from) return <p class="note">{tr('Open a crisis without mistakes first; then it can be played.')}</p>
  // an actor without moves cannot be played
  const movers = crisis.actors.filter(({ key }) => crisis.moves.some((move) => move.actor === key))
  const seatOf = (actor: string, place: number): Seat => seats[actor] ?? (place === 0 ? 'person' : 'offramp')
  const taken = movers.some((actor, place) => seatOf(actor.key, place) === 'person')

  async function start(event: Event): Promise<void> {
    event.preventDefault()
    const chosen = Object.fromEntries(movers.map((actor, place) => [actor.key, seatOf(actor.key, place)]))
    const match = await asked.ask((signal) =>
      begin(from!, { seats: chosen, seed: numberIn(seed) ?? null, seconds: numberIn(seconds) ?? null }, signal))
    if (match) watched.value = match
  }
  const held = Object.entries(from.given).map(([name, value]) => tr('{input} at {value}', {
    input: nameOf('inputs', name), value: Number(value.toPrecision(3)),
  }))
  const varied = [
    ...held,
    ...(from.levers.length ? [trn('the lever {levers}', 'the levers {levers}', from.levers.length, {
      levers: from.levers.map((key) => nameOf('levers', key)).join(', '),
    })] : []),
    ...(from.rationality === null ? [] : [tr('rationality {value} for all', { value: from.rationality })]),
  ]
  return (
    <form class="card set-up" aria-label={tr('Start a game')} onSubmit={(event) => void start(event)}>
      <h3>{tr('Play {crisis}', { crisis: crisis.title })}</h3>
      <p class="note">
        {[
          varied.length
            ? tr('As it stands on See: with {settings}.', { settings: varied.join('; ') })
            : tr('With every number at its median and no lever pulled, as it stands on See.'),
          ahead.value && tr('A game is from the outset, whatever is supposed there.'),
          !fits.value && tr('The file has changes with mistakes in them: the game is of what stood there before.'),
        ].filter(Boolean).join(' ')}
      </p>
      <div class="seats">
        {movers.map((actor, place) => (
          <fieldset key={actor.key}>
            <legend>{actor.name}</legend>
            {(['person', 'offramp'] as const).map((kind) => (
              <label key={kind}>
                <input type="radio" name={`seat-${actor.key}`} checked={seatOf(actor.key, place) === kind}
                  onChange={() => setSeats({ ...seats, [actor.key]: kind })} />{' '}
                {kind === 'person' ? tr('a person') : 'Offramp'}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      <div class="fields">
        <Entry label={tr('Seed')} kind="number" value={seed} set={setSeed} min={0} step={1} hint={tr('empty: drawn')} />
        <Entry label={tr('Seconds for a choice')} kind="number" value={seconds} set={setSeconds} min={5} max={86400} step={1}
          hint={tr('empty: no timer')} />
        <button type="submit" class="main" disabled={asked.since !== null || !taken}>
          {tr('Start the game')}
        </button>
      </div>
      {!taken && <p class="note">{tr('At least one actor needs a person.')}</p>}
      <Working asked={asked} what={tr('Laying the table')} />
    </form>
  )
}
