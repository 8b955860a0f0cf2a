// The edges of this house: which there are, which one the visitor chose, and asking another when one is silent.

import { recall, remember } from "/assets/memory.js";

export async function listEdges() {
  const response = await fetch("/api/edges", { cache: "no-store" });
  if (!response.ok) throw new Error(`/api/edges answered ${response.status}`);
  return (await response.json()).edges;
}

export function chosen(edges) {
  const name = recall("edge");
  return edges.find((e) => e.name === name) ?? edges.find((e) => e.up) ?? edges[0];
}

export function choose(edge) {
  remember("edge", edge.name);
}

// The titles, from the chosen edge or the first other one that answers, and the edge that did.
export async function fetchTitles(edges) {
  const first = chosen(edges);
  let fault;
  for (const edge of [first, ...edges.filter((e) => e !== first)]) {
    try {
      const response = await fetch(new URL("/titles", edge.url), { signal: AbortSignal.timeout(8000) });
      if (response.ok) return { titles: await response.json(), edge };
      fault = new Error(`${edge.name} answered ${response.status}`);
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}
