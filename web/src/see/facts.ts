// What happened, or is supposed to have happened, in words.

import { nameOf, optionOf } from '../crisis'
import { tr } from '../texts'

/** A step, in its round if it has several, and the option that it took. */
export function factSaid(position: string, option: string): string {
  const [key = '', round] = position.split('@')
  const said = { step: nameOf('steps', key), option: optionOf(key, option) }
  return round ? tr('{step} in round {round}: {option}', { ...said, round }) : `${said.step}: ${said.option}`
}
