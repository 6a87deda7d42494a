// Orders were OrderCreated once, with prices as texts: "4.50". They are OrderPlaced now, in whole
// cents.

const cents = (text) => {
  const [units, rest = ""] = text.split(".");
  return Number(units) * 100 + Number(rest.padEnd(2, "0"));
};

export function upcast({ data }) {
  const lines = data.items.map(({ sku, quantity, price }) => ({ sku, quantity, price: cents(price) }));
  return {
    type: "OrderPlaced",
    data: {
      orderId: data.order,
      customerId: data.customer,
      lines,
      total: lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
      placedAt: data.createdAt,
    },
  };
}
