"""The catalogue: about 240 products in eight categories; prices and costs in whole cents."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashapp.demo.spec import Spec

PER_CATEGORY = 30
ADJECTIVES = ("Basic", "Compact", "Classic", "Plus", "Pro", "Heavy", "Mobile", "Modular", "Slim", "Max")
SIZES = ("S", "M", "L")


@dataclass(frozen=True, slots=True)
class Category:
    """share of lines; price range in EUR; cost as share of the list price; mean quantity; share of lines returned."""

    name: str
    code: str
    noun: str
    share: float
    price: tuple[float, float]
    cost: float
    quantity: float
    returns: float


CATEGORIES = (
    Category("Seating", "SEA", "Chair", 0.17, (95, 820), 0.56, 4.2, 0.055),
    Category("Desks", "DSK", "Desk", 0.12, (190, 1250), 0.60, 3.0, 0.045),
    Category("Storage", "STO", "Cabinet", 0.16, (75, 690), 0.58, 3.6, 0.030),
    Category("Lighting", "LGT", "Lamp", 0.10, (29, 260), 0.50, 5.0, 0.050),
    Category("Workshop", "WRK", "Bench", 0.14, (60, 1600), 0.62, 2.4, 0.025),
    Category("Packaging", "PCK", "Box set", 0.13, (9, 65), 0.54, 18.0, 0.012),
    Category("Safety", "SAF", "Kit", 0.10, (12, 180), 0.52, 8.0, 0.028),
    Category("Electronics", "ELE", "Scanner", 0.08, (35, 720), 0.66, 2.6, 0.060),
)


@dataclass(frozen=True, slots=True)
class Products:
    """A place per product: key, category index, name, list price and unit cost in cents, share of the lines."""

    sku: tuple[str, ...]
    category: NDArray[np.int8]
    name: tuple[str, ...]
    price: NDArray[np.int64]
    cost: NDArray[np.int64]
    share: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.sku)

    def of(self, category: str) -> NDArray[np.bool_]:
        """Which products belong to the named category."""
        return np.equal(self.category, [c.name for c in CATEGORIES].index(category))


def products(spec: Spec) -> Products:
    """The same products for the same seed, whatever the size of the company."""
    draw = spec.draw("products")
    kinds = np.repeat(np.arange(len(CATEGORIES), dtype=np.int8), PER_CATEGORY)
    low, high = (np.array([c.price[n] for c in CATEGORIES])[kinds] for n in (0, 1))
    euros = np.floor(np.exp(np.log(low) + draw.beta(1.6, 2.4, len(kinds)) * np.log(high / low)))
    price = euros.astype(np.int64) * 100 + draw.choice([0, 50, 90], len(kinds))
    rate = np.array([c.cost for c in CATEGORIES])[kinds] + draw.uniform(-0.04, 0.04, len(kinds))
    rank = np.concatenate([draw.permutation(PER_CATEGORY) for _ in CATEGORIES])
    popularity = 1 / (rank + 3.0)
    share = np.array([c.share for c in CATEGORIES])[kinds] * popularity / popularity[:PER_CATEGORY].sum()
    return Products(tuple(f"{CATEGORIES[k].code}-{n % PER_CATEGORY + 1:04d}" for n, k in enumerate(kinds)), kinds,
                    tuple(_name(CATEGORIES[k], n % PER_CATEGORY) for n, k in enumerate(kinds)),
                    price, np.rint(price * rate).astype(np.int64), share / share.sum())


def _name(category: Category, n: int) -> str:
    return f"{category.noun} {ADJECTIVES[n % 10]} {SIZES[n // 10]}"
