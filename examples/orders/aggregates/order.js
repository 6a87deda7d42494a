// An order: placed once, cancelled only before it is shipped. Prices are whole cents.

export const initial = { status: "none" };

export function evolve(state, event) {
  switch (event.type) {
    case "OrderPlaced":
      return { status: "placed", total: event.data.total };
    case "OrderCancelled":
      return { ...state, status: "cancelled" };
    case "OrderShipped":
      return { ...state, status: "shipped" };
    default:
      return state;
  }
}

export function decide(state, command, ctx) {
  const rule = rules[command.type];
  return rule(state, command.data, ctx);
}

const rules = {
  PlaceOrder(state, { orderId, customerId, lines }, ctx) {
    if (state.status !== "none") return ctx.reject("already_placed", { status: state.status });
    const skus = new Set(lines.map((line) => line.sku));
    if (skus.size < lines.length) return ctx.reject("sku_twice");
    const total = lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
    return {
      type: "OrderPlaced",
      data: { orderId, customerId, lines, total, placedAt: ctx.now },
      // Large orders go the critical way.
      routing: { businessImpact: Math.min(1, total / 1000000) },
    };
  },

  CancelOrder(state, { orderId, reason }, ctx) {
    if (state.status === "none") return ctx.reject("not_placed");
    if (state.status === "shipped") return ctx.reject("already_shipped");
    // To cancel it again changes nothing.
    if (state.status === "cancelled") return [];
    return { type: "OrderCancelled", data: { orderId, reason, cancelledAt: ctx.now } };
  },

  ShipOrder(state, { orderId, carrier, trackingCode }, ctx) {
    if (state.status !== "placed") return ctx.reject(`cannot_ship_when_${state.status}`);
    const shipped = { orderId, carrier, shippedAt: ctx.now };
    if (trackingCode !== undefined) shipped.trackingCode = trackingCode;
    return { type: "OrderShipped", data: shipped };
  },
};
