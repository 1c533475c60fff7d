"""The contracts for people and tools, written from the data they follow from: AsyncAPI document and pages."""
