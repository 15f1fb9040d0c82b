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
    """A city, with its region, a postcode there, and the currency, language and time zone of its country."""

    name: str
    country: str
    country_code: str
    postcode: str
    region: str
    currency: str
    language: str
    time_zone: str


CITIES = (
    City("Berlin", "Germany", "DE", "10115", "Berlin", "EUR", "de", "Europe/Berlin"),
    City("Lisbon", "Portugal", "PT", "1100-148", "Lisboa", "EUR", "pt", "Europe/Lisbon"),
    City("Oslo", "Norway", "NO", "0150", "Oslo", "NOK", "nb", "Europe/Oslo"),
    City("Toronto", "Canada", "CA", "M5H 2N2", "ON", "CAD", "en", "America/Toronto"),
    City("Nairobi", "Kenya", "KE", "00100", "Nairobi", "KES", "en", "Africa/Nairobi"),
    City("Kyoto", "Japan", "JP", "600-8216", "Kyoto", "JPY", "ja", "Asia/Tokyo"),
    City("Lyon", "France", "FR", "69001", "Rhône", "EUR", "fr", "Europe/Paris"),
    City("Austin", "United States", "US", "78701", "TX", "USD", "en", "America/Chicago"),
    City("Utrecht", "Netherlands", "NL", "3511 AB", "Utrecht", "EUR", "nl", "Europe/Amsterdam"),
    City("Sydney", "Australia", "AU", "2000", "NSW", "AUD", "en", "Australia/Sydney"),
    City("Mumbai", "India", "IN", "400001", "MH", "INR", "en", "Asia/Kolkata"),
    City("Bogota", "Colombia", "CO", "110311", "Bogota", "COP", "es", "America/Bogota"),
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
