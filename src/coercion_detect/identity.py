"""Words that say who somebody is, each read as one word for its kind: identity is never evidence.

Swapping genders, names, pronouns, orientations, religions or nationalities must not move a score. So these words
are folded together before anything is counted: "he told his wife" and "she told her husband" are one text to the
model. What is kept is the kind ("a faith", "an orientation"), because a threat to reveal one is a tactic.
"""

from __future__ import annotations

from functools import cache

_KINDS = {
    "they": "he she they",
    "them": "him his her hers them their theirs",
    "themself": "himself herself themself themselves",
    "theys": "hes shes theys",
    "partner": "boyfriend girlfriend bf gf partner fiance fiancee boyf",
    "partners": "boyfriends girlfriends partners",
    "spouse": "husband wife spouse hubby wifey missus",
    "husbands": "husbands wives spouses",
    "person": "man woman guy girl boy lad lass bloke chick lady gentleman dude gal",
    "people": "men women guys girls boys lads ladies gentlemen blokes",
    "parent": "mother father mum mom dad mam mama papa amma appa mummy daddy momma",
    "sibling": "brother sister bro sis",
    "aunt": "aunt uncle auntie aunty",
    "cousin": "niece nephew cousin",
    "grandparent": "grandmother grandfather grandma grandpa granny gran grandad granddad nana",
    "mister": "mr mrs ms",
    "sir": "sir madam maam",
    "gay": "gay lesbian bi bisexual queer trans transgender homosexual pansexual asexual nonbinary",
    "church": "church mosque temple synagogue gurdwara chapel parish",
    "pastor": "pastor imam rabbi priest vicar minister bishop deacon",
    "christian": "christian muslim hindu jewish sikh buddhist catholic protestant mormon",
    "bible": "bible quran torah scripture",
    "god": "god allah jesus",
    "british": (
        "british american english irish scottish welsh french german spanish italian romanian ukrainian russian "
        "turkish greek dutch swedish indian pakistani "
        "bangladeshi chinese japanese korean filipino filipina vietnamese "
        "thai malaysian singaporean indonesian nigerian ghanaian "
        "kenyan african jamaican trinidadian caribbean mexican "
        "brazilian colombian latino latina arab egyptian moroccan iranian syrian israeli australian canadian"
    ),
    "alex": (
        "emma liam olivia noah ava sophia isabella mia "
        "charlotte amelia harper evelyn james william benjamin lucas henry "
        "alexander michael daniel jacob david joseph samuel "
        "john matthew luke anthony thomas andrew joshua christopher "
        "ryan nathan kevin brian steve steven robert richard charles george edward peter paul simon martin alan gary "
        "keith ian graham stephen philip jason jack harry oliver "
        "charlie oscar archie alfie jake josh ben tom sam dan "
        "mike dave chris matt alex nick tim joe jim bob "
        "tony greg jeff eric kyle tyler brandon justin aaron adam sean "
        "sarah emily jessica ashley amanda jennifer laura rachel "
        "rebecca hannah lauren megan chloe lucy sophie katie kate "
        "anna julia maria elena sofia lisa karen linda "
        "susan nancy donna carol sandra sharon michelle kimberly angela "
        "melissa stephanie nicole heather amy claire helen jane "
        "alice ruth margaret mary elizabeth catherine anne jean "
        "joan dorothy barbara patricia betty gloria diane julie "
        "wendy tracey nicola fiona moira ailsa catriona hamish "
        "callum ewan rory angus siobhan aoife niamh sinead ciara orla cormac padraig declan conor liam brendan eoin "
        "aisha fatima ayesha zainab khadija maryam yusuf omar bilal tariq hassan ahmed mohammed muhammad ali ibrahim "
        "imran rashid priya ananya neha pooja divya kavya meera "
        "rahul arjun rohan vikram amit suresh rajesh sanjay anil "
        "chioma ngozi adaeze amaka funmi bola tunde emeka chinedu ifeanyi segun kunle femi ade kwame kofi ama akua "
        "wanjiru otieno kamau achieng thandi sipho thabo lerato naledi "
        "bongani mei wei jun ling hui xin yan siew boon "
        "nguyen linh minh hana yuki kenji jisoo maricel jomar carlos mateo diego jose juan luis miguel lucia camila "
        "valentina gabriela ana rosa agnieszka piotr kasia marek ioana andrei oksana dmitri olga ivan elif mehmet"
    ),
}  # fmt: skip


@cache
def kinds() -> dict[str, str]:
    """Return the word that each identity word is read as."""
    return {word: kind for kind, words in _KINDS.items() for word in words.split()}
