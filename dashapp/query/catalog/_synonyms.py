"""Headers in German, French and Spanish that mean a column of the starter formulas; only what has one meaning."""
from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from dashapp.core.dataset import Dataset, RoleOf, snake_case
from dashapp.query.formula import parse
from dashapp.query.tree import Col, Node, unparse

# Plain "Kosten" or "coûts" are not here: whether they are those of the goods sold is for people to say.
SYNONYMS: dict[str, str] = {
    "revenue": "umsatz umsätze umsatzerlöse erlöse nettoumsatz chiffre_d_affaires chiffre_affaires ventas ingresos",
    "orders": "bestellungen aufträge anzahl_bestellungen commandes nombre_de_commandes pedidos",
    "order_id": "bestellnummer bestellnr bestell_nr auftragsnummer auftragsnr numero_de_commande numero_de_pedido",
    "invoice_no": "rechnungsnummer rechnungsnr rechnungs_nr numero_de_facture numero_de_factura",
    "new_customers": "neue_kunden neukunden nouveaux_clients clientes_nuevos nuevos_clientes",
    "returning_customers": "wiederkehrende_kunden bestandskunden stammkunden clients_fideles clientes_recurrentes",
    "quantity": "menge stückzahl stück quantite cantidad",
    "unit_price": "einzelpreis stückpreis prix_unitaire precio_unitario",
    "price": "preis verkaufspreis prix precio",
    "cogs": "wareneinsatz wareneinsatzkosten herstellungskosten materialkosten cout_des_ventes "
            "cout_des_marchandises_vendues coste_de_ventas costo_de_ventas",
    "operating_expenses": "betriebskosten betriebsausgaben betriebsaufwand charges_d_exploitation gastos_operativos",
    "marketing_spend": "marketingkosten marketingausgaben werbekosten werbeausgaben depenses_marketing "
                       "gastos_de_marketing",
    "cash_flow": "operativer_cashflow cashflow flux_de_tresorerie flujo_de_caja",
    "current_assets": "umlaufvermögen actif_circulant activo_corriente",
    "current_liabilities": "kurzfristige_verbindlichkeiten passif_circulant pasivo_corriente",
    "headcount": "mitarbeiter mitarbeiterzahl mitarbeitende effectif plantilla",
    "visits": "besuche visites visitas",
    "conversions": "konversionen abschlüsse conversiones",
    "market_size": "marktvolumen marktgröße taille_du_marche tamano_del_mercado",
    "satisfaction": "zufriedenheit kundenzufriedenheit satisfaction_client satisfaccion",
}
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_MEANING = {snake_case(key): name for name, keys in SYNONYMS.items() for word in keys.split()
            for key in (word, word.translate(_DIGRAPHS))}


def translated(formula: str, dataset: Dataset) -> str | None:
    """The formula with the dataset's own columns for the words they translate; None where none does.

    A column stands for a word only where the dataset has no column of that very name and no second translation of it.
    """
    found: dict[str, list[str]] = {}
    for column in dataset.columns:
        name = _MEANING.get(column.key)
        if name and column.role is not RoleOf.IGNORE and dataset.column(name) is None:
            found.setdefault(name, []).append(column.key)
    names = {name: (dataset.key, keys[0]) for name, keys in found.items() if len(keys) == 1}
    tree = parse(formula)
    changed: Node = _with(tree, names)
    return None if changed == tree else unparse(changed)


def _with(node: Any, names: dict[str, tuple[str, str]]) -> Any:
    if isinstance(node, Col):
        return replace(node, path=names[node.path[0]]) if len(node.path) == 1 and node.path[0] in names else node
    if isinstance(node, tuple):
        return tuple(_with(n, names) for n in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    return replace(node, **{f.name: _with(getattr(node, f.name), names) for f in fields(node) if f.name != "at"})
