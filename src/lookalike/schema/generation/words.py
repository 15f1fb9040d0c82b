"""Words of which believable values are made: names of people, things, places and companies, and short sentences."""

from typing import NamedTuple

FIRST_NAMES = (
    *("Asha", "Bram", "Chiara", "Daniel", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Lena"),
    *("Mateo", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Sven", "Tara", "Ulla", "Viktor", "Wanda"),
    *("Xavier", "Yara", "Zoe", "Amir", "Berit", "Carlos", "Dora", "Emil", "Fatima", "Goran", "Hanna", "Igor"),
    *("Jana", "Kofi", "Lucia", "Milan", "Noor"),
)
LAST_NAMES = (
    *("Abbott", "Becker", "Costa", "Dahl", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanov", "Jansen"),
    *("Kaya", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quist", "Rossi", "Schmidt", "Tanaka"),
    *("Ueda", "Varga", "Weber", "Xu", "Yilmaz", "Zeman", "Andersson", "Bauer", "Cruz", "Dubois", "Engel"),
    *("Ferrari", "Gruber", "Holm", "Ito", "Jovanovic", "Klein", "Larsen", "Mendes", "Novak", "Olsen", "Park"),
    *("Reyes",),
)
QUALITIES = (
    *("Amber", "Bright", "Calm", "Clear", "Copper", "Crimson", "Deep", "Early", "Golden", "Green", "Grand"),
    *("High", "Ivory", "Jade", "Late", "Light", "Lucky", "Modern", "New", "North", "Old", "Open", "Plain"),
    *("Quiet", "Rapid", "Red", "Royal", "Silver", "Small", "Smart", "Solid", "South", "Spare", "Steady"),
    *("Sunny", "Swift", "Urban", "White", "Wide"),
)
THINGS = (
    *("Anchor", "Arch", "Bay", "Beacon", "Bridge", "Brook", "Canyon", "Cedar", "Circle", "Cliff", "Compass"),
    *("Coral", "Creek", "Crown", "Delta", "Falcon", "Field", "Forest", "Garden", "Gate", "Harbour", "Hill"),
    *("Island", "Lake", "Lantern", "Maple", "Meadow", "Mill", "Mountain", "Oak", "Orchard", "Peak", "Pine"),
    *("Prairie", "Ridge", "River", "Spring", "Square", "Star", "Stone", "Tower", "Valley", "Wave"),
)


class City(NamedTuple):
    """A city, with the names of its country and a postcode there."""

    name: str
    country: str
    country_code: str
    postcode: str


CITIES = (
    City("Berlin", "Germany", "DE", "10115"),
    City("Lisbon", "Portugal", "PT", "1100-148"),
    City("Oslo", "Norway", "NO", "0150"),
    City("Toronto", "Canada", "CA", "M5H 2N2"),
    City("Nairobi", "Kenya", "KE", "00100"),
    City("Kyoto", "Japan", "JP", "600-8216"),
    City("Lyon", "France", "FR", "69001"),
    City("Austin", "United States", "US", "78701"),
    City("Utrecht", "Netherlands", "NL", "3511 AB"),
    City("Sydney", "Australia", "AU", "2000"),
    City("Mumbai", "India", "IN", "400001"),
    City("Bogota", "Colombia", "CO", "110311"),
)
STREETS = ("Station Road", "Mill Lane", "Park Street", "High Street", "Church Road", "Garden Avenue", "Lake Drive")
COMPANY_FORMS = ("Works", "Group", "Partners", "Foods", "Systems", "Studio", "Trading", "Labs")
SENTENCES = (
    "The delivery arrived one day early.",
    "Please check the numbers before Friday.",
    "Everything works as described.",
    "The first version was shorter and clearer.",
    "A second look found nothing wrong.",
    "It has to be ready before the end of the month.",
    "The team agreed on the next steps.",
    "Both sides confirmed the date.",
    "There is a small scratch on the left side.",
    "The old one can be used until then.",
)
TITLES = (
    "Plan of the first quarter",
    "Notes from the workshop",
    "How to begin",
    "Repair of the north gate",
    "List of open questions",
    "Summary for new members",
    "Changes since last week",
    "Order of the day",
    "Review of the budget",
    "Questions and answers",
)
WORDS = ("blue", "fast", "home", "large", "local", "new", "open", "outdoor", "small", "summer", "urgent", "weekly")
