"""Live hints: "type:id changed" to every open page of those who may know, never data. See ``asgi``."""
