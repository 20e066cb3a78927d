"""Words that tell the coach something wherever they stand. English alone; nothing here is ever shown to anybody.

`PLAIN` words carry no topic and are read as they are. Of all others only their class is read, and whether the other
person had used them; `CLASSES` are looked through in order. The lists are our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for entry in text.replace("\n", "|").strip("|").split("|"):
        first, _, rest = entry.partition("=")
        yield first, rest


CHAT: Final[Mapping[str, Sequence[str]]] = {
    short: full.split()
    for short, full in _lines("""
u=you|ur=your|r=are|im=i am|ive=i have|id=i would|ill=i will|youre=you are|youve=you have|youd=you would|youll=you will
yr=your|ya=you|y=why|bc=because|cuz=because|cos=because|coz=because|gonna=going to|wanna=want to|gotta=got to
dont=do not
doesnt=does not|didnt=did not|cant=can not|cannot=can not|wont=will not|wouldnt=would not|couldnt=could not
shouldnt=should not|isnt=is not|arent=are not|wasnt=was not|werent=were not|havent=have not|hasnt=has not|hadnt=had not
its=it is|thats=that is|theres=there is|hes=he is|shes=she is|theyre=they are|theyve=they have|weve=we have
whats=what is|wheres=where is|hows=how is|whos=who is|lets=let us|idk=i do not know|rn=right now|tho=though|thru=through
pls=please|plz=please|ppl=people|abt=about|w=with|k=ok|okay=ok|prob=probably|prolly=probably|obv=obviously|tbf=tbh
n=and|nd=and|sth=something|smth=something|ngl=tbh|kinda=kind of|sorta=sort of|mustve=must have|shouldve=should have
couldve=could have|wouldve=would have|mightve=might have|itd=it would|itll=it will|theyll=they will|hed=he would
aint=is not|yall=you|urself=yourself|thatd=that would|everyones=everyone is|noones=no one is|nobodys=nobody is
somebodys=somebody is|tryna=trying to|wld=would|shld=should|cld=could|ure=you are|thx=thanks|ty=thanks|imo=tbh|imho=tbh
yourselves=yourself|nothings=nothing is|somethings=something is|wasn=was|becuase=because|becouse=because|realy=really
alot=a lot|teh=the|yuo=you|hav=have|wnat=want|woudl=would|shoud=should|coud=could|bcs=because
""")
}
"""Chat spellings and short forms without their apostrophes, written out."""

PLAIN: Final = _words("""
i you he she it we they me him her us them my your his its our their mine yours hers ours theirs myself yourself
himself herself itself ourselves themselves a an the this that these those there here some any no none each every all
both either neither one ones other others another such same own and or but so because if then than as though although
while when until since before after once whether unless where wherever why how what which who whom whose to of in on at
by for with from into onto about over under up down out off through between against without within around near toward
towards across behind beyond during along like am is are was were be been being do does did done doing have has had
having can could will would shall should may might must ought need used not never ever very really quite too also just
only even still already yet again almost maybe perhaps probably possibly always often sometimes usually rarely now
today tonight tomorrow yesterday soon later ago yes no yeah yep nope ok well oh hey hi please thanks thank sorry wow
lol haha tbh omg right sure kind sort bit lot much many more most less least few little enough something anything
nothing everything someone anyone everyone somebody anybody everybody nobody thing things way ways part side half
people person time times day days go going gone got get gets getting make makes made making take takes took taken keep
keeps kept let come comes came give gives gave say says said saying tell tells told ask asked asking know knows knew
known think thinks thought want wants wanted see sees saw look looks looking looked feel feels felt feeling feelings
sound sounds sounding sounded seem seems seemed hear hears heard hearing try tries tried trying mean means meant wonder
wondering wish wishes wished hope hopes hoped hoping guess care cares hard harder easy good bad better worse best worst
big small real alone together back away help helps helped helping happen happens happened happening start stop put find
found leave left hold holds holding carry carrying carries understand understands understanding understood imagine
believe consider suggest recommend talk talking love loves loved needs needed needing
""")

FEELINGS: Final = _words("""
sad sadness scared afraid fear fears frightened frightening terrified terrifying anxious anxiety worried worry worries
worrying angry anger mad furious rage annoyed irritated frustrated frustrating frustration hurt hurts hurting pain
painful lonely loneliness isolated ashamed shame embarrassed embarrassing humiliated guilty guilt tired exhausted
exhausting exhaustion drained worn weary overwhelmed overwhelming stressed stress stressful nervous panicked panic
dread dreading lost stuck trapped torn confused unsure uncertain hopeless helpless powerless numb empty invisible
unseen unheard ignored rejected abandoned unwanted unloved betrayed cheated disappointed disappointment discouraged
jealous envious resentful resentment bitter heartbroken grief grieving miss missing longing relieved relief glad happy
happiness joy proud pride hopeful grateful calm peaceful safe unsafe vulnerable fragile strong stupid worthless useless
burden ready determined excited eager content comfortable uncomfortable uneasy restless bored shocked surprised upset
devastated crushed broken desperate defeated cornered attacked judged blamed misunderstood disrespected unappreciated
appreciated valued respected conflicted ambivalent hesitant reluctant doubtful suspicious homesick relaxed doubt regret
regrets hate hates hated sick heavy raw bruised shaken tense freaked weird awkward sting stings ache aches aching
lonelier scary scares confident motivated concerned bothered gutted lonesome ripped crowded smothered unimportant small
""")

_JUDGING: Final = _words("""
selfish lazy drama dramatic overreacting exaggerating excuse excuses whining whine moan moaning complain complaining
pity attention childish immature weak weakness ridiculous silly dumb pathetic wrong fault blame ungrateful spoiled
spoilt adult obviously honestly frankly seriously clearly truth reality responsibility responsible deserve deserved
overthinking overthink oversensitive sensitive snowflake entitled victim negative negativity toxic manipulative
discipline willpower lesson gratitude blessed normal tough harsh princess diva martyr stubborn petty nosy rude
dishonest liar lying cheating coward cowardly irresponsible reckless careless foolish naive gullible vain arrogant
shameful disgraceful disgusting typical predictable nonsense rubbish bs bollocks crap joke joking laughable sigh yawn
boo cry crybaby baby grown mature maturity choose chose choice choices decision decisions consequences consequence
karma sin sinful god pray effort fuss point pointless luxury problems problem worlds starving bigger phase hormones
hormonal attitude mindset positive positivity smile cheer lighten chill relax overblown tantrum sulk sulking brood
wallow wallowing dwell dwelling hysterical paranoid insecure needy clingy controlling obsessed obsessive ego convenient
conveniently idiot moron junkie loser fool trash scum disgrace hypocrite fraud monster brat jerk bravo congrats
congratulations actually surely deal worse lucky luckier luckiest toughen suck snap pull grip lecture spine backbone
""")
_MEANS: Final = _words("""
therapist therapy doctor gp counsellor counselor counselling sponsor meeting meetings group groups app apps books book
podcast journal journaling list lists plan routine boundary boundaries hotline helpline clinic nurse pharmacist lawyer
solicitor union hr manager teacher council charity class course meditation mindfulness yoga breathing exercise walk gym
vitamins tea bath timer alarm calendar budget spreadsheet letter email text note diary notebook step steps tip tips
trick tricks technique strategy option options advice website video
""")
_COMFORT: Final = _words("""
brave stronger strength hugs hug xx xxx xo sending thinking prayers praying wonderful amazing great hero warrior fine
pass heal healing courage courageous inspiring inspiration beautiful awesome incredible fantastic star legend worthy
light tunnel journey faith promise rooting thoughts heart warm warmth hang peace bless sweetie hun mate lovely gentle
awful horrible heartbreaking terrible rough sucks
""")
KIN: Final = _words("""
mum mom mam mother dad father brother sister son daughter wife husband partner boyfriend girlfriend ex gran grandma nan
grandad grandpa uncle aunt auntie cousin niece nephew friend friends mates boss neighbour kid kids child children twin
fiance stepdad stepmum
""")
BIDDING: Final = _words("""
try go get talk call see make take start stop find join write read speak ask focus remember keep give set let do avoid
use put look think tell seek reach visit eat drink walk meditate breathe block sell leave move rest sleep quit cut
check sign track plan learn work consider please just maybe never always be have stay come hold forget ignore show pay
pick drop throw turn open close switch download report delete apologise apologize
""")
"""Words with which people bid somebody do something, at the beginning of a sentence."""

CLASSES: Final[Mapping[str, frozenset[str]]] = {
    "J": _JUDGING,
    "T": _MEANS,
    "R": _COMFORT,
    "K": KIN,
    "I": BIDDING,
}

YOU: Final = _words("you your yourself yours")
ME: Final = _words("i me my mine myself we us our")
THEY: Final = _words("he she they him her them his their hers theirs")
TURNED: Final = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "am": "are", "was": "were",
}  # fmt: skip
"""What stands for the speaker, as it is said to them."""
TURNS: Final = _words("but though so and ,")

FAMILY: Final[Mapping[str, str]] = {
    other: word
    for word, others in _lines("""
feel=felt|think=thought|tell=told|say=said|go=went gone|get=got|give=gave|take=took|make=made|keep=kept|lose=lost
leave=left|sleep=slept|drink=drank drunk|eat=ate|buy=bought|spend=spent|wake=woke|break=broke broken|write=wrote
know=knew|come=came|see=saw|hear=heard|find=found|pay=paid|kid=children kids child|smok=smoking smoke|die=died dying
mom=mum mother mam mummy|dad=father|run=ran|hold=held|sit=sat|hide=hid hidden|lie=lying lied|fight=fought|catch=caught
teach=taught|bring=brought|sell=sold|lend=lent|shake=shook|cry=cried|try=tried|worry=worried|marry=married|fall=fell
send=sent|stand=stood|speak=spoke|drive=drove|forget=forgot|begin=began|hurt=hurting
""")
    for other in others.split()
}
"""Words of one family that do not look alike."""

FOREIGN: Final = (
    _words("""
el la los las un una de que y en es por con para como pero mas muy esta estoy yo tu su mi te se lo le nos hay porque
tienes tiene tengo eres estas ser cuando todo nada si sin hace siento sientes der die das und ist nicht ich du sie wir
ein eine mit auf fur den dem zu von auch aber wie wenn dass sich mir dir bist hast dein deine deiner deinen mein meine
kein keine mehr schon noch immer alles nichts wird dich mich uns sehr nur stell klingt les des une est pas je il elle
nous vous et dans pour avec sur mais ce qui ne au du ma mon ton ta suis es tes cest ca tout bien moi toi plus o os as
um uma e nao eu voce ele ela com mas isso muito esta parece het een niet ik jij je en dat van ook maar bent heb gli di
che non sono sei per anche ho hai nie to jest sie na ja ty ale jak czujesz jestes masz tym bardzo zupelnie
sama wszystkim
taka taki przesadzasz bir ve bu icin cok ben sen och att det som inte jag har lorem ipsum dolor
""")
    - PLAIN
)
"""Words that are frequent in other languages and no English ones."""
