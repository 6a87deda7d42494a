// Decides about shows. No clock, no chance, no I/O: the same input gives the same answer.

export interface State {
  readonly seats: number | null;
  readonly taken: number;
}

export type StoredEvent =
  | { type: "ShowOpened"; revision: number; data: { seats: number } }
  | { type: "SeatsReserved"; revision: number; data: { seats: number } };

export type Command =
  | { type: "OpenShow"; data: { showId: string; seats: number } }
  | { type: "ReserveSeats"; data: { showId: string; guest: string; seats: number } };

export interface NewEvent {
  type: string;
  data: object;
}

export class Rejected extends Error {
  constructor(
    readonly reason: string,
    readonly details: unknown = null,
  ) {
    super(reason);
  }
}

export const initial: State = { seats: null, taken: 0 };

export function evolve(state: State, event: StoredEvent): State {
  switch (event.type) {
    case "ShowOpened":
      return { ...state, seats: event.data.seats };
    case "SeatsReserved":
      return { ...state, taken: state.taken + event.data.seats };
    default:
      return state;
  }
}

export function decide(
  state: State,
  command: Command,
  ctx: { now: string; newId: () => string },
): NewEvent[] {
  switch (command.type) {
    case "OpenShow":
      if (state.seats !== null) throw new Rejected("already_open", { seats: state.seats });
      return [{ type: "ShowOpened", data: { ...command.data, openedAt: ctx.now } }];
    case "ReserveSeats": {
      if (state.seats === null) throw new Rejected("not_open");
      const left = state.seats - state.taken;
      if (command.data.seats > left) throw new Rejected("sold_out", { left });
      const data = { ...command.data, reservationId: ctx.newId(), reservedAt: ctx.now };
      return [{ type: "SeatsReserved", data }];
    }
  }
}
