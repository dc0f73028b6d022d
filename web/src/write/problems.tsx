// The file's mistakes and warnings, as a list below the editor: each line links to its position.

import { broken, checked, faults as all, file, type Fault } from '../crisis'
import { tr, trn } from '../texts'
import { showInFile } from './editor'

export function counted(faults: Fault[]): string {
  const errors = faults.filter((fault) => fault.severity === 'error').length
  const warnings = faults.length - errors
  const said = [errors ? trn('{count} mistake', '{count} mistakes', errors) : tr('No mistakes')]
  if (warnings) said.push(trn('{count} warning', '{count} warnings', warnings))
  return said.join(', ')
}

export function Problems() {
  const said = checked.value
  const behind = said === null || said.text !== file.value?.text
  const faults = all.value
  // signs come late: so that nothing moves then, they do not open the list
  return (
    <details class={`problems ${broken.value ? 'has-errors' : ''}`} open={(said?.faults.length ?? 0) > 0} data-tour="problems">
      <summary>
        <span role="status" class={behind ? 'behind' : ''}>
          {said === null ? tr('Checking …') : counted(faults)}
        </span>
        {faults.length > 0 && <small class="keys"> {tr('F8: the next one')}</small>}
      </summary>
      <ul aria-label={tr('Mistakes and warnings')}>
        {faults.map((fault, place) => (
          <li key={place}>
            <button type="button" class="plain" onClick={() => showInFile(fault.from, fault.to)}>
              <span class={`severity ${fault.severity}`}>
                {fault.severity === 'error' ? tr('Mistake') : tr('Warning')}
              </span>{' '}
              <span class="place">{tr('line {line}', { line: fault.line })}</span> {fault.message}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
