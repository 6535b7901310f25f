"""The official Python SDK against a router, its address in argv[1]. Prints one line for each thing that held."""

import sys

from openai import BadRequestError, OpenAI
from pydantic import BaseModel

client = OpenAI(base_url=sys.argv[1], api_key="any", max_retries=0)
QUESTION = [{"role": "user", "content": "hello"}]


class Place(BaseModel):
    city: str
    inhabitants: int


def held(what: str) -> None:
    print(f"held: {what}", flush=True)


assert [model.id for model in client.models.list()] == ["m", "e", "lobstah/auto", "lobstah/local"]
held("models")

whole = client.chat.completions.create(model="m", messages=QUESTION)
assert whole.choices[0].message.content == '{"city":"Oslo","inhabitants":700000}'
assert whole.usage and whole.usage.completion_tokens == 4
held("whole answer")

text = ""
usage = None
for chunk in client.chat.completions.create(model="m", messages=QUESTION, stream=True):
    text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
    usage = chunk.usage or usage
assert text == whole.choices[0].message.content and usage and usage.completion_tokens == 4
held("stream")

parsed = client.chat.completions.parse(model="m", messages=QUESTION, response_format=Place)
assert parsed.choices[0].message.parsed == Place(city="Oslo", inhabitants=700000)
held("structured output")

with client.chat.completions.stream(model="m", messages=QUESTION, response_format=Place) as stream:
    kinds = {event.type for event in stream}
    assert stream.get_final_completion().choices[0].message.parsed == Place(city="Oslo", inhabitants=700000)
assert {"chunk", "content.delta", "content.done"} <= kinds, kinds
held("stream helper")

tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
called = client.chat.completions.create(model="m", messages=QUESTION, tools=tools)
call = called.choices[0].message.tool_calls[0]
assert (call.function.name, call.function.arguments) == ("weather", '{"city":"Oslo"}')
held("tool call")

vectors = client.embeddings.create(model="e", input=["ab", "xyz"]).data
assert [vector.embedding for vector in vectors] == [[2, 97, 98, 0.5], [3, 120, 122, 0.5]]
held("embeddings")

assert client.completions.create(model="m", prompt="Once").choices[0].text == whole.choices[0].message.content
held("completion")

try:
    client.chat.completions.create(model="m", messages=QUESTION, n=2)
    raise AssertionError("n=2 was taken")
except BadRequestError as error:
    assert (error.code, error.param) == ("unsupported_parameter", "n")
held("refusal by name")
