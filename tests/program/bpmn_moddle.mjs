// Reads a BPMN file with bpmn-moddle and prints what it finds as JSON.
// node bpmn_moddle.mjs FOLDER FILE, where FOLDER holds node_modules with bpmn-moddle.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, file] = process.argv.slice(2);
const home = join(folder, 'node_modules', 'bpmn-moddle', 'dist', 'index.js');
const { BpmnModdle } = await import(pathToFileURL(home).href);
const { rootElement, references, warnings } = await new BpmnModdle().fromXML(
  await readFile(file, 'utf8'),
);

const nodes = [];
const flows = [];
const lanes = {};
for (const root of rootElement.rootElements) {
  for (const one of root.flowElements ?? []) {
    if (one.$type === 'bpmn:SequenceFlow') {
      flows.push([one.sourceRef?.id, one.targetRef?.id, one.name ?? null]);
    } else {
      nodes.push([one.$type, one.id, one.name ?? null]);
    }
  }
  for (const set of root.laneSets ?? []) {
    for (const lane of set.lanes) lanes[lane.name] = (lane.flowNodeRef ?? []).map((x) => x.id);
  }
}
const drawn = rootElement.diagrams[0].plane.planeElement.map((one) => one.bpmnElement?.id ?? null);
const told = warnings.map((one) => one.message);
console.log(JSON.stringify({ nodes, flows, lanes, drawn, warnings: told, references: references.length }));
