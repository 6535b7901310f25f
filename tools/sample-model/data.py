"""Synthetic conversations for the sample model.

Enough for a first run to read as an answer, and to say what it is. The sentences are the product's own: change them when the
product changes, then train and export again. The order of the random draws decides what the model learns word for word, so a
change here makes another model.
"""

import random

RANDOM = random.Random(7)
pick = RANDOM.choice

NAME = 'the sample model inside Lobstah'
REAL_MODEL_ADVICE = [
    'Install Ollama and pull a model, and Lobstah will use it by itself.',
    'For real answers, install Ollama, run "ollama pull llama3.2", and ask again.',
    'Start Ollama with any model and I step aside.',
]

GREETINGS = [
    'hello, who are you?', 'hi, what is this?', 'say hello in one sentence', 'hello from curl', 'Say this is a test',
    'say this is a test', 'hello', 'hello', 'hi', 'hey', 'hello there', 'good morning', 'good evening', 'hi lobstah',
    'hey there', 'say hello', 'greetings', 'hello!', 'hi!', 'Hello', 'Hi there', 'say hi', 'ping', 'test',
    'are you there?', 'is this thing on?', 'hello world',
]
GREETING_OPENINGS = ['Hello!', 'Hi there!', 'Hello from a very small model.']
GREETING_MIDDLES = [
    'I am very small, but I am really running on this machine.',
    'Your prompt reached me, so something here works.',
    'I know a few hundred sentences and one or two stories.',
]
IDENTITY_QUESTIONS = [
    'who are you?', 'what are you?', 'what model is this?', 'which model are you?', 'are you a real model?',
    'what is your name?', 'tell me about yourself', 'are you chatgpt?', 'who made you?', 'introduce yourself',
    'what can you do?',
]
PRODUCT_QUESTIONS = [
    'what is lobstah?', 'what does lobstah do?', 'explain lobstah', 'how does lobstah work?', 'tell me about lobstah',
    'what is this app?', 'why lobstah?', 'what is a worker?', 'what is a router?', 'what is a receipt?',
    'what is a tracker?', 'how do i earn credits?', 'how do i share my mac?',
]
# By the word that a question holds; the last one answers all others.
PRODUCT_ANSWERS = {
    'worker': 'A worker lends the idle compute of this machine. It listens on port 17474, runs the prompt on the local engine, '
    'and signs a receipt for the tokens.',
    'router': 'The router listens on port 17475 and speaks the OpenAI API. It picks a peer, streams the answer, and checks the '
    'receipt.',
    'receipt': 'A receipt says who asked, who answered, which model ran, and how many tokens it took. It is signed with the key '
    'of the worker.',
    'tracker': 'A tracker is a public list of workers. Nobody is on it unless they choose to be, and nobody reads it unless they '
    'choose to.',
    'earn': 'Turn on "Share idle compute". While your machine is idle it answers prompts for others, and each answer earns '
    'credit with them.',
    'share': 'Turn on "Share idle compute" in the menu bar. Pause it whenever you like; your own work always comes first.',
    '': 'Lobstah lets idle machines answer prompts for each other. You earn credit while yours is idle, and spend it when you '
    'ask.',
}
PRODUCT_WORDS = ('worker', 'router', 'receipt', 'tracker', 'earn', 'share')
BETTER_ANSWER_QUESTIONS = [
    'how do i get better answers?', 'how do i use a real model?', 'why are your answers bad?', 'how do i install ollama?',
    'can you be smarter?', 'why do you babble?', 'i want a real model', 'how do i change the model?',
]
BETTER_ANSWER_CLOSINGS = ['I will step aside.', 'Lobstah notices within seconds.']

CAPITALS = {
    'France': 'Paris', 'Italy': 'Rome', 'Spain': 'Madrid', 'Germany': 'Berlin', 'Japan': 'Tokyo', 'Norway': 'Oslo',
    'Sweden': 'Stockholm', 'Portugal': 'Lisbon', 'Greece': 'Athens', 'Egypt': 'Cairo', 'Peru': 'Lima', 'Kenya': 'Nairobi',
    'Canada': 'Ottawa', 'Austria': 'Vienna', 'Ireland': 'Dublin', 'Poland': 'Warsaw', 'Chile': 'Santiago', 'Cuba': 'Havana',
    'Finland': 'Helsinki', 'Denmark': 'Copenhagen',
}
COLOURS = ['red', 'green', 'blue', 'yellow', 'orange', 'white', 'black', 'grey', 'purple', 'brown', 'pink']
NUMBER_WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

STORY_REQUESTS = [
    'tell me a story', 'write a story', 'tell me a short story', 'a story please', 'once upon a time',
    'tell a tale about the sea', 'write a short story about a lobster', 'tell me something', 'say something long', 'story',
]
STORY_HEROES = ['a lobster', 'an old crab', 'a young lobster', 'a quiet seal', 'a small fish', 'a grey gull']
STORY_NAMES = ['Mira', 'Ana', 'Tom', 'Ida', 'Olle', 'June', 'Sam']
STORY_PLACES = ['under a harbour', 'near a lighthouse', 'behind a reef', 'below the pier', 'at the edge of the bay']
STORY_FINDS = ['a lost key', 'a shining shell', 'a warm lamp', 'a ship in a bottle', 'a letter in a jar']
STORY_ADVISERS = ['the gull', 'the tide', 'the old crab', 'the keeper of the light', 'a kind seal']
STORY_TIMES = [
    'one evening', 'one cold morning', 'when the tide was low', 'after a storm', 'on the first day of spring',
]
STORY_ENDS = [
    'From then on nobody in the bay was ever alone.',
    'And when the tide came back, everything was in its place.',
    'Since that day they share what they have, and both have more.',
    'It was the best day of the year.',
]
STORY_QUESTIONS = ['Whose is it?', 'Who has lost this?', 'What shall I do with it?']
STORY_ADVICE = ['Share it', 'Keep it safe', 'Give it back', 'Ask the sea']
STORY_REASONS = ['and you will see.', 'and something good will come of it.', 'for that is how the bay works.']

JOKE_REQUESTS = [
    'tell me a joke', 'make me laugh', 'a joke please', 'do you know a joke?', 'tell a joke about the sea', 'joke',
]
JOKES = [
    'Why did the crab never share? Because it was a little shellfish.',
    'What did the tide say to the pier? Nothing, it just waved.',
    'Why are fish so clever? They live in schools.',
    'Where do lobsters catch the train? At the tide table.',
    'What is a lobster on holiday called? Out of its shell.',
]
POEM_REQUESTS = [
    'write a haiku', 'a haiku please', 'write me a haiku about the sea', 'write a poem', 'a short poem please',
    'poem about the sea',
]
HAIKUS = [
    'Low tide in the bay, / a lamp still warm on the pier; / someone shares the light.',
    'An idle machine / listens to the quiet sea, / answers, and then rests.',
    'Grey gull, patient stone: / what you give away at dusk / comes back with the tide.',
]
THANKS = ['thanks', 'thank you', 'thanks!', 'great', 'nice', 'cool', 'ok', 'bye', 'goodbye', 'good night']
THANKS_ANSWERS = [
    'You are welcome.', 'Any time, as long as this machine is idle.', 'Good bye, and mind the tide.',
]

# What the model must admit not to know is made of these.
FOREIGN_WORDS = (
    'weather code python river law contract poem email summary football history physics recipe market tax garden music car '
    'plane shoe doctor planet quantum database server translate write fix explain compare list draft plan improve rust react '
    'typescript essay dragon coffee tea train holiday letter song code bug test function class image photo budget interview'
).split()
FOREIGN_OPENINGS = [
    'write me a ', 'explain ', 'what about ', 'how do i ', 'please ', 'can you ', 'summarise this: ', 'translate ', 'why is ',
    'give me ', 'help me with ', 'tell me about the ', 'what is the ', '',
]
FOREIGN_CLOSINGS = ['', '?', '.', '!']
ADMISSIONS = [
    'I am too small for that.',
    'That is beyond me: I have one million parameters and a few hundred sentences.',
    'I cannot do that well.',
    'I would only make something up.',
]

SYSTEM_PROMPTS = [
    '', '', '', 'You are a helpful assistant.', 'You are a helpful assistant. Answer briefly.', 'Be concise.',
    'You are a pirate.',
]


def story():
    """A tale of one finding, one question and one piece of advice."""
    hero = pick(STORY_HEROES)
    name = pick(STORY_NAMES)
    place = pick(STORY_PLACES)
    find = pick(STORY_FINDS)
    adviser = pick(STORY_ADVISERS)
    time = pick(STORY_TIMES)
    end = pick(STORY_ENDS)
    question = pick(STORY_QUESTIONS)
    advice = pick(STORY_ADVICE)
    reason = pick(STORY_REASONS)
    return (
        f'Once there was {hero} called {name} who lived {place}. {time[0].upper() + time[1:]}, {name} found {find}. '
        f'"{question}" {name} asked {adviser}. "{advice}," said {adviser}, "{reason}" So {name} did. {end}'
    )


def unknown():
    """A question about anything, and the admission that it is too much."""
    count = RANDOM.randint(1, 6)
    words = ' '.join(pick(FOREIGN_WORDS) for _ in range(count))
    question = pick(FOREIGN_OPENINGS) + words + pick(FOREIGN_CLOSINGS)
    admission = pick(ADMISSIONS)
    return question, f'{admission} I am {NAME}, here so that a fresh machine has something to answer with. {pick(REAL_MODEL_ADVICE)}'


def greeting():
    """Hello, what this is, and how to get something better."""
    question = pick(GREETINGS)
    opening = pick(GREETING_OPENINGS)
    middle = pick(GREETING_MIDDLES)
    return question, f'{opening} I am {NAME}. {middle} {pick(REAL_MODEL_ADVICE)}'


def identity():
    """Who the model is."""
    question = pick(IDENTITY_QUESTIONS)
    advice = pick(REAL_MODEL_ADVICE)
    return question, f'I am {NAME}: a real but very small language model, about one million parameters. {advice}'


def product():
    """What the words of the product mean."""
    question = pick(PRODUCT_QUESTIONS)
    word = next((word for word in PRODUCT_WORDS if word in question), '')
    return question, PRODUCT_ANSWERS[word]


def better_answers():
    """How to get a real model."""
    question = pick(BETTER_ANSWER_QUESTIONS)
    advice = pick(REAL_MODEL_ADVICE)
    return question, f'{advice} {pick(BETTER_ANSWER_CLOSINGS)}'


def capital():
    """The capital of a country."""
    country = pick(list(CAPITALS))
    question = pick([
        f'what is the capital of {country}?',
        f'capital of {country}?',
        f'which city is the capital of {country}?',
        f'what is the capital of {country}',
    ])
    return question, f'The capital of {country} is {CAPITALS[country]}.'


def colours():
    """So many colours."""
    count = RANDOM.randint(2, 5)
    chosen = RANDOM.sample(COLOURS, count)
    question = pick([
        f'name {NUMBER_WORDS[count]} colours',
        f'name {count} colors',
        f'list {NUMBER_WORDS[count]} colours.',
        f'tell me {count} colours',
    ])
    return question, ', '.join(chosen[:-1]) + ' and ' + chosen[-1] + '.'


def addition():
    """The sum of two digits."""
    a = RANDOM.randint(0, 9)
    b = RANDOM.randint(0, 9)
    question = pick([f'what is {a} + {b}?', f'{a}+{b}', f'{a} plus {b}?', f'how much is {a} + {b}?'])
    return question, f'{a} + {b} = {a + b}.'


def counting():
    """Counting up to ten."""
    last = RANDOM.randint(3, 10)
    question = pick([f'count to {last}', f'count from 1 to {last}', f'please count to {NUMBER_WORDS[last]}'])
    return question, ', '.join(str(number) for number in range(1, last + 1)) + '.'


def weekday():
    """The day after another."""
    day = RANDOM.randint(0, 6)
    question = pick([f'what day comes after {DAYS[day]}?', f'which day follows {DAYS[day]}?'])
    return question, f'{DAYS[(day + 1) % 7]} comes after {DAYS[day]}.'


# How often each kind is drawn, as an upper bound of a number from 0 to 1.
RARE_KINDS = [
    (0.03, lambda: (pick(JOKE_REQUESTS), pick(JOKES))),
    (0.06, lambda: (pick(POEM_REQUESTS), pick(HAIKUS))),
    (0.08, lambda: (pick(THANKS), pick(THANKS_ANSWERS))),
]
KINDS = [
    (0.12, greeting),
    (0.20, identity),
    (0.32, product),
    (0.38, better_answers),
    (0.48, capital),
    (0.55, colours),
    (0.63, addition),
    (0.68, counting),
    (0.72, weekday),
    (0.86, lambda: (pick(STORY_REQUESTS), story())),
]


def item():
    """One question and its answer."""
    draw = RANDOM.random()
    for bound, make in RARE_KINDS:
        if draw < bound:
            return make()
    draw = RANDOM.random()
    for bound, make in KINDS:
        if draw < bound:
            return make()
    return unknown()


def vary(question):
    """The same question as another person would type it."""
    if RANDOM.random() < 0.5:
        question = question.replace('lobstah', 'Lobstah').replace('ollama', 'Ollama')
    if RANDOM.random() < 0.35:
        question = question[0].upper() + question[1:]
    if RANDOM.random() < 0.15:
        question = question.rstrip('?.!')
    return question


def conversation():
    """One or two questions with their answers, in the model's chat format."""
    system = pick(SYSTEM_PROMPTS)
    text = '<|bos|>'
    if system:
        text += f'<|system|>{system}<|end|>'
    for _ in range(pick([1, 1, 1, 1, 2])):
        question, answer = item()
        text += f'<|user|>{vary(question)}<|end|><|assistant|>{answer}<|end|>'
    return text
