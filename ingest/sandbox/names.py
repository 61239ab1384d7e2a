"""Names of companies, people and places: invented, deterministic, and apart enough not to be taken for one another.

A company is two words and a trade (``Alder Quarry Logistics``). Two different companies never share both words, and
two that share the first word differ in the second and nearly always in the trade.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.sandbox.world import draw

__all__ = ["CITIES", "SUFFIXES", "TRADES", "company_words", "people", "trade_of"]

_FIRST_WORDS = """
    Alder Amber Anchor Apex Arbor Argent Ashford Aspen Atlas Aurora Avalon Azure Banner Basalt Beacon Birch
    Blackwood Bluebird Boreal Boulder Bramble Bristol Bronze Brook Cadence Calder Canyon Cardinal Cascade Cedar
    Chestnut Cinder Citadel Clarion Cobalt Compass Copper Coral Corsair Cove Crescent Crimson Crown Cypress Dakota
    Dawn Delta Derby Dorset Drift Dune Eagle Ebony Echo Eclipse Elm Ember Emerald Epoch Equinox Everest Falcon
    Fern Fjord Flint Forge Fortress Foxglove Frontier Galaxy Garnet Geneva Glacier Golden Granite Grove Halcyon
    Hampton Harbor Hawthorn Hazel Helios Heron Hickory Highland Horizon Hudson Imperial Icarus Indigo Iris Ironwood
    Ivory Jade Jasper Juniper Jupiter Kestrel Keystone Kingfisher Lagoon Lantern Larch Laurel Legacy Liberty
    Lighthouse Linden Lotus Lunar Lynx Magnolia Mahogany Maple Marble Marlin Meadow Mercury Meridian Mesa Midland
    Mistral Monarch Mosaic Mulberry Nautilus Nebula Nimbus Noble Nova Oak Oasis Obsidian Ocean Olive Onyx Opal
    Orchard Orion Osprey Oxford Pacific Palisade Paragon Pearl Pegasus Pelican Peregrine Phoenix Pinnacle Pioneer
    Polaris Poplar Prairie Prism Quartz Quill Radiant Rapid Raven Redwood Regent Ridge Rowan Sable Saffron Sage
    Sapphire Saturn Sequoia Sienna Silver Sparrow Spruce Sterling Summit Swift Sycamore Tamarack Teal Tempest
    Thistle Timber Topaz Trident Tundra Umber Valiant Vanguard Vega Vertex Violet Walnut Willow Windsor Yarrow
    Zenith Zephyr
"""
_FIRST = tuple(_FIRST_WORDS.split())
_SECOND_WORDS = """
    Acre Arch Arrow Bank Barn Bay Beach Bell Bend Bluff Bow Bridge Brick Bureau Cabin Camp Canal Castle Cave
    Chapel Chart Chase Circle Cliff Cloud Coast Corner Court Crane Creek Crest Cross Current Dale Dam Deck Den
    Depot Dock Dome Door Edge Estate Fall Foundry Fen Ferry Field Fleet Ford Forest Fountain Garden Gate Glen Gorge
    Grange Green Guard Gulf Gulch Hall Harvest Haven Hearth Hamlet Hedge Helm Hill Hollow House Hub Island Isthmus
    Jetty Junction Kiln Knoll Lake Landing Lane Library Link Lock Lodge Loft Manor Market Marsh Mast Mill Mine Moor
    Mount Narrows Nest North Oar Orbit Outlook Park Pass Path Peak Pier Pillar Pine Plain Plaza Point Pond Port
    Post Pulse Quarry Quay Rail Ranch Range Reach Reef Reserve Rise River Road Rock Root Row Sail Sands Shelf
    Shield Shoal Shore Sky Slope Sound South Spire Spring Spur Square Stage Station Steppe Stone Strait Stream
    Street Terrace Thicket Tide Tower Trace Track Trellis Tree Truss Tunnel Turn Union Vale Valley Vault View
    Village Villa Vista Wagon Walk Warehouse Ward Water Workshop Windmill Well West Wharf Wheel Wick Wing Wood Works
    Yard
"""
_SECOND = tuple(_SECOND_WORDS.split())
_TRADES_WORDS = """
    Logistics Energy Insurance Foods Pharma Retail Airlines Motors Textiles Robotics Chemicals Mining Media
    Banking Shipping Telecom Hospitals Aerospace Paper Beverages Software Instruments Packaging Utilities
    Education Biotech Furniture Optics Plastics Publishing Agriculture Steel Hotels Semiconductors Cosmetics Rail
    Concrete Waste Electronics Leasing
"""
TRADES = tuple(_TRADES_WORDS.split())
#: Legal suffix by country; the first is the commonest.
SUFFIXES: dict[str, tuple[str, ...]] = {
    "US": ("Inc.", "LLC", "Corp.", "Inc."), "DE": ("GmbH", "AG", "GmbH & Co. KG", "SE"), "GB": ("Ltd", "plc"),
    "JP": ("K.K.", "Co., Ltd."), "CA": ("Ltd.", "Inc."), "FR": ("SAS", "SA"), "AU": ("Pty Ltd", "Limited"),
    "CH": ("AG", "SA"), "SE": ("AB",), "NL": ("B.V.", "N.V."), "SG": ("Pte. Ltd.",), "PL": ("Sp. z o.o.", "S.A."),
    "IN": ("Private Limited", "Limited"), "DK": ("A/S", "ApS"), "NO": ("AS", "ASA"), "IT": ("S.p.A.", "S.r.l."),
    "ES": ("S.A.", "S.L."),
}  # fmt: skip
#: City and region by country.
CITIES: dict[str, tuple[tuple[str, str], ...]] = {
    "US": (("New York", "NY"), ("Chicago", "IL"), ("Austin", "TX"), ("Denver", "CO"), ("Boston", "MA"),
           ("Seattle", "WA"), ("Atlanta", "GA"), ("Columbus", "OH"), ("San Diego", "CA"), ("Charlotte", "NC")),
    "DE": (("Berlin", "BE"), ("Hamburg", "HH"), ("München", "BY"), ("Köln", "NW"), ("Stuttgart", "BW")),
    "GB": (("London", "LND"), ("Leeds", "LDS"), ("Bristol", "BST"), ("Glasgow", "GLG")),
    "JP": (("Tokyo", "13"), ("Osaka", "27"), ("Nagoya", "23")),
    "CA": (("Toronto", "ON"), ("Montréal", "QC"), ("Calgary", "AB")),
    "FR": (("Paris", "75"), ("Lyon", "69"), ("Nantes", "44")),
    "AU": (("Sydney", "NSW"), ("Melbourne", "VIC"), ("Perth", "WA")),
    "CH": (("Zürich", "ZH"), ("Genève", "GE"), ("Basel", "BS")),
    "SE": (("Stockholm", "AB"), ("Malmö", "M")), "NL": (("Amsterdam", "NH"), ("Utrecht", "UT")),
    "SG": (("Singapore", "SG"),), "PL": (("Warszawa", "MZ"), ("Kraków", "MA")),
    "IN": (("Pune", "MH"), ("Bengaluru", "KA")), "DK": (("København", "84"),), "NO": (("Oslo", "03"),),
    "IT": (("Milano", "MI"), ("Torino", "TO")), "ES": (("Madrid", "M"), ("Valencia", "V")),
    "BR": (("São Paulo", "SP"),), "MX": (("Monterrey", "NLE"),), "HK": (("Hong Kong", "HK"),),
    "NZ": (("Auckland", "AUK"),), "ZA": (("Cape Town", "WC"),), "CZ": (("Praha", "10"),), "IL": (("Haifa", "HA"),),
    "AT": (("Wien", "9"),), "BE": (("Gent", "VOV"),), "IE": (("Cork", "CO"),), "FI": (("Espoo", "18"),),
    "PT": (("Porto", "13"),), "LU": (("Luxembourg", "LU"),),
}  # fmt: skip
_GIVEN_WORDS = """
    Aaron Adele Aiko Alan Alice Amara Amit Andrea Anita Anton Ariel Astrid Beatriz Ben Bianca Boris Bruno Camille
    Carla Carlos Chen Chloe Clara Dana Daniel Daria David Diego Elena Elias Emil Emma Erik Esther Eva Farah Felix
    Fiona Frank Gabriel Grace Greta Hana Hannah Hassan Helen Henry Hugo Ida Igor Ines Ingrid Irene Isaac Ivan Jack
    Jana Jasmin Javier Jin Joan Johan Jonas Julia Karim Karin Kenji Kira Lara Lars Laura Leila Leo Lin Lisa Lucas
    Lucia Luis Magnus Maria Marie Mark Marta Martin Maya Mei Mia Milan Mina Miriam Mohan Nadia Naomi Nils Nina
    Noah Nora Olga Oliver Omar Oscar Paula Peter Petra Philip Priya Quinn Rafael Rahul Ravi Rita Robert Rosa Ruth
    Samir Sara Sean Simon Sofia Stefan Sven Tara Theo Thomas Tina Tomas Uma Ursula Vera Victor Vikram Wanda Wei
    William Yara Yuki Yusuf Zoe
"""
_GIVEN = tuple(_GIVEN_WORDS.split())
_FAMILY_WORDS = """
    Abbott Adler Ahmed Almeida Andersen Aoki Arnold Bauer Becker Bell Bennett Berg Bianchi Blake Bose Brandt Braun
    Brooks Burke Carter Castro Chan Chandra Clarke Cole Conti Costa Cruz Dahl Das Diaz Dietrich Doyle Dubois
    Duarte Eriksen Evans Farrell Fischer Fleming Flores Fontaine Foster Franke Fuchs Fujita Garcia Gill Gomez
    Grant Greco Gupta Haas Hall Hansen Hart Hayashi Hayes Herrera Hoffman Holm Hughes Hunt Ibarra Inoue Iyer
    Jansen Jensen Joshi Kaiser Kapoor Kato Keller Khan Kim Klein Koch Kovac Kramer Krause Kumar Lambert Lang
    Larsen Laurent Lee Lehmann Lim Lindgren Lopez Lund Maier Marino Martel Mason Mehta Meyer Mills Moreau Moreno
    Mori Murphy Nair Nakamura Nash Navarro Neumann Nguyen Nielsen Novak Olsen Ortega Osborne Park Patel Pereira
    Perry Petrov Price Quist Ramirez Rao Reid Reyes Ricci Rivera Roberts Romano Rossi Roy Russo Saito Santos Sato
    Schmidt Schneider Scholz Shah Sharma Silva Singh Sommer Stein Stone Suzuki Takeda Tan Torres Tran Vargas Vogel
    Wagner Walsh Wang Weber Weiss West Winter Wolf Wong Wright Yamada Young Zhang Ziegler Zimmer
"""
_FAMILY = tuple(_FAMILY_WORDS.split())


def company_words(index: np.ndarray) -> np.ndarray:
    """Two words per company number; different numbers below 34,000 never share both."""
    first, second = _places(index)
    return np.array(_FIRST, dtype=object)[first] + " " + np.array(_SECOND, dtype=object)[second]


def trade_of(index: np.ndarray) -> np.ndarray:
    """The trade of a company number: companies that share a word differ in it, or differ much in the other word."""
    first, second = _places(index)
    return np.array(TRADES, dtype=object)[(11 * first + 7 * second) % len(TRADES)]


def _places(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    place = (index.astype(np.int64) * 9_973 + 4_211) % (len(_FIRST) * len(_SECOND))
    return place % len(_FIRST), place // len(_FIRST)


def people(keys: np.ndarray, salt: str, seed: int) -> pl.DataFrame:
    """Given and family names, one per key. Names repeat, so an e-mail address needs more than them."""
    given = np.array(_GIVEN, dtype=object)[(draw(keys, f"{salt}/given", seed) * len(_GIVEN)).astype(np.int64)]
    family = np.array(_FAMILY, dtype=object)[(draw(keys, f"{salt}/family", seed) * len(_FAMILY)).astype(np.int64)]
    return pl.DataFrame({"given": given.tolist(), "family": family.tolist()})
